"""What tests of the formats read, and how they look at it."""

import json
from collections.abc import Mapping
from typing import cast

from chatsynth.features.imports import chatgpt, claude
from chatsynth.features.imports.canonical import Conversation, Message
from tests.features.imports.exports import JsonDict, chatgpt_chain, chatgpt_message, claude_chat, claude_message


def read_chatgpt(source: Mapping[str, object]) -> Conversation:
    """Reads a conversation through JSON, as an importer does, and checks that no message is missing."""
    conversation = chatgpt.read_conversation(_through_json(source), b"{}")
    assert len(conversation.messages) == chatgpt.count_messages(source)
    return conversation


def read_claude(source: Mapping[str, object]) -> Conversation:
    """The same for Claude."""
    conversation = claude.read_conversation(_through_json(source), b"{}")
    assert len(conversation.messages) == claude.count_messages(source)
    return conversation


def _through_json(source: Mapping[str, object]) -> JsonDict:
    return cast("JsonDict", json.loads(json.dumps(source)))


def message_of_chatgpt(role: str, content: object, **fields: object) -> Message:
    """The one message of a conversation."""
    return read_chatgpt(chatgpt_chain("c", [chatgpt_message("m", role, content, **fields)])).messages[0]


def message_of_claude(content: object, sender: str = "assistant", **fields: object) -> Message:
    return read_claude(claude_chat("c", [claude_message("m", sender, content, **fields)])).messages[0]


def by_tool(name: str) -> JsonDict:
    return {"role": "tool", "name": name, "metadata": {}}


def links(conversation: Conversation) -> list[tuple[str, str | None]]:
    return [(message.source_id, message.parent) for message in conversation.messages]
