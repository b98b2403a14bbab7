"""Conversations of Claude: artifacts, and their versions on each branch."""

import pytest

from chatsynth.features.imports.canonical import (
    Artifact,
    Conversation,
    Part,
    ToolCall,
)
from chatsynth.features.imports.message_body import Overgrown
from tests.features.imports.conversations import message_of_claude as read_one
from tests.features.imports.conversations import read_claude as read
from tests.features.imports.exports import (
    CLAUDE_ROOT,
    JsonDict,
    claude_chat,
    claude_message,
)


def artifact(command: str, **fields: object) -> JsonDict:
    given = {"id": "page", "command": command, "version_uuid": "v"} | fields
    return {"type": "tool_use", "name": "artifacts", "input": given, "id": "toolu"}


def artifacts(conversation: Conversation) -> list[tuple[str, Part]]:
    return [(m.source_id, part) for m in conversation.messages for part in m.parts]


def test_each_artifact_shows_its_text_of_that_moment() -> None:
    blocks = [
        artifact("create", type="application/vnd.ant.react", title="Page", content="a a"),
        artifact("update", old_str="a", new_str="b"),
        artifact("update", old_str="a", new_str="c\r\n"),
        artifact("rewrite", content="new", title="Better"),
    ]
    conversation = read(
        claude_chat("c", [claude_message(str(n), "assistant", [block]) for n, block in enumerate(blocks)])
    )
    kind = "application/vnd.ant.react"
    assert artifacts(conversation) == [
        ("0", Artifact(0, "Page", kind, "a a")),
        ("1", Artifact(0, "Page", kind, "b a")),
        ("2", Artifact(0, "Page", kind, "b c\n")),
        ("3", Artifact(0, "Better", kind, "new")),
    ]


def test_branches_have_their_own_versions() -> None:
    messages = [
        claude_message("a", "assistant", [artifact("create", type="t", title="P", content="base")], CLAUDE_ROOT),
        claude_message("b1", "assistant", [artifact("update", old_str="base", new_str="left")], "a"),
        claude_message("b2", "assistant", [artifact("update", old_str="base", new_str="right")], "a"),
        claude_message("c1", "assistant", [artifact("update", old_str="left", new_str="left 2")], "b1"),
        claude_message("root2", "assistant", [artifact("update", old_str="base", new_str="x")], CLAUDE_ROOT),
    ]
    texts = dict(artifacts(read(claude_chat("c", messages))))
    assert {key: part.text for key, part in texts.items() if isinstance(part, Artifact)} == {
        "a": "base",
        "b1": "left",
        "b2": "right",
        "c1": "left 2",
    }
    assert isinstance(texts["root2"], ToolCall)


def test_a_command_that_does_not_fit_is_shown_as_it_is() -> None:
    for block in (
        artifact("update", old_str="x", new_str="y"),
        artifact("update", content=3),
        artifact("create"),
        {"type": "tool_use", "name": "artifacts", "input": "text"},
    ):
        (part,) = read_one([block]).parts
        assert isinstance(part, ToolCall)
        assert part.name == "artifacts"


def test_versions_without_end_do_not_fill_the_memory() -> None:
    blocks = [artifact("create", content="x" * 1_000_000)] + [artifact("update", old_str="x", new_str="xy")] * 1000
    parts = read_one(blocks).parts
    assert len(parts) == 1001
    assert 100_000_000 < sum(len(part.text) for part in parts if isinstance(part, Artifact)) < 200_000_000
    assert isinstance(parts[-1], ToolCall)


def test_a_conversation_that_outgrows_its_export_is_refused() -> None:
    content = [{"type": "create", "content": "x"}, *({"type": "text", "text": "x" * 3_000_000} for _ in range(100))]
    block = {"type": "tool_result", "content": content}
    with pytest.raises(Overgrown):
        read_one([block])


def test_updates_that_never_fit_do_not_search_without_end() -> None:
    blocks = [artifact("create", content="x" * 1_000_000)] + [artifact("update", old_str="xz", new_str="y")] * 20_000
    assert len(read_one(blocks).parts) == 20_001
