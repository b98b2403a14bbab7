"""Builds exports of ChatGPT and Claude as those platforms write them, of any size, for tests and benchmarks.

The same seed builds the same bytes. Every maker returns what it wrote, so that a test can account for each message.
"""

import json
import random
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Literal
from uuid import UUID

JsonDict = dict[str, object]
Layout = Literal["array", "wrapped", "shards", "single"]

CLAUDE_ROOT = "00000000-0000-4000-8000-000000000000"
_START_S = 1_730_000_000.0

_OPENINGS = (
    "Let me explain this step by step.",
    "There are three things to look at here.",
    "Good question! 🎉 The short answer is yes.",
    "Das hängt davon ab, was Sie erreichen möchten.",
    "簡単に言うと、これは順序の問題です。",
    "The usual way is to keep the list sorted while it grows.",
    "I would begin with the smallest case that can fail.",
)
_SENTENCES = (
    "The second run is faster because the table is already in memory.",
    "A queue keeps the order, while a set forgets it.",
    "Whenever the clock jumps back, the earlier entry has to win.",
    "You can measure this with a counter before you change anything.",
    "In the kitchen the same rule holds: prepare everything, then light the stove.",
    "The garden needs water in the evening, not at noon.",
    "If the sum of the parts differs from the whole, something was counted twice.",
    "Each reader sees the same pages, but not at the same moment.",
    "Half of the time is spent waiting for the disk 💾, the other half for the network.",
    "Le chemin le plus court n'est pas toujours le plus rapide.",
)
_BLOCKS = (
    "```python\ndef mean(values: list[float]) -> float:\n    return sum(values) / len(values)\n```",
    "| step | cost |\n|---|---|\n| read | 12 ms |\n| write | 40 ms |",
    "$$\\int_0^1 x^2\\,dx = \\tfrac{1}{3}$$",
    '```json\n{"name": "lamp", "on": true, "path": "C:\\\\rooms\\\\1"}\n```',
    "- first the roots\n- then the leaves\n- at last the fruit",
)
_QUESTIONS = (
    "How do I sort a list of dates in place?",
    "Why is the second call so much slower than the first?",
    "Schreib mir bitte ein Rezept für Linsensuppe.",
    "Can you draw the tree of these folders?",
    "What would you change in this paragraph? 🤔",
    "Plan a weekend in Lisbon with two children.",
)
_TITLES = ("Sorting dates", "Slow second call", "Lentil soup", "Tree of folders", "Editing help", "Lisbon weekend")


@dataclass(frozen=True, slots=True)
class Made:
    """What a maker wrote: `messages` counts every message of every conversation, hidden and empty ones too."""

    path: Path
    conversations: int
    messages: int
    bytes_written: int


def chatgpt_export(
    path: Path,
    *,
    conversations: int | None = None,
    messages: int = 8,
    min_bytes: int = 0,
    seed: int = 0,
    layout: Layout = "array",
    shard_size: int = 100,
    extra_files: bool = True,
) -> Made:
    """Writes a ChatGPT export: a zip when `path` ends in .zip, one JSON file for .json, otherwise a folder.

    It ends after `conversations` (20 unless `min_bytes` is given) or once `min_bytes` of JSON are written.
    `messages` is the number of turns of a conversation; tool calls, thoughts and branches come on top.
    """
    rng = random.Random(seed)
    made = _conversations(
        lambda: chatgpt_conversation(rng, turns=messages), _chatgpt_messages, conversations, min_bytes
    )
    return _write_export(path, made, layout, shard_size, _chatgpt_extras() if extra_files else {})


def claude_export(
    path: Path,
    *,
    conversations: int | None = None,
    messages: int = 8,
    min_bytes: int = 0,
    seed: int = 0,
    layout: Layout = "array",
    shard_size: int = 100,
    extra_files: bool = True,
    with_parents: bool = True,
) -> Made:
    """Writes a Claude export in the same way; `with_parents=False` is the form of before mid-2025, without a tree."""
    rng = random.Random(seed)

    def one() -> JsonDict:
        return claude_conversation(rng, turns=messages, with_parents=with_parents)

    made = _conversations(one, _claude_messages, conversations, min_bytes)
    return _write_export(path, made, layout, shard_size, _claude_extras() if extra_files else {})


# ChatGPT ----------------------------------------------------------------------------------------


def chatgpt_message(message_id: str, role: str, content: object, /, **fields: object) -> JsonDict:
    """A ChatGPT message; `content` may be a text. `fields` replace what is usual, `metadata` among them."""
    if isinstance(content, str):
        content = {"content_type": "text", "parts": [content]}
    usual: JsonDict = {
        "id": message_id,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": _START_S,
        "update_time": None,
        "content": content,
        "status": "finished_successfully",
        "end_turn": True if role == "assistant" else None,
        "weight": 1.0,
        "metadata": {},
        "recipient": "all",
        "channel": None,
    }
    return usual | fields


def chatgpt_tree(
    conversation_id: str,
    nodes: Sequence[tuple[str | None, JsonDict]],
    /,
    **fields: object,
) -> JsonDict:
    """A ChatGPT conversation of (parent id, message) pairs under the usual empty root; the last one is current.

    A parent of None is the root.
    """
    root = "client-created-root"
    mapping: dict[str, JsonDict] = {root: {"id": root, "message": None, "parent": None, "children": []}}
    for parent, message in nodes:
        key = str(message["id"])
        mapping[key] = {"id": key, "message": message, "parent": parent or root, "children": []}
        children = mapping[parent or root]["children"]
        assert isinstance(children, list)
        children.append(key)
    usual: JsonDict = {
        "title": "A chat",
        "create_time": _START_S,
        "update_time": _START_S + 3600.25,
        "mapping": mapping,
        "moderation_results": [],
        "current_node": str(nodes[-1][1]["id"]) if nodes else root,
        "plugin_ids": None,
        "conversation_id": conversation_id,
        "conversation_template_id": None,
        "gizmo_id": None,
        "gizmo_type": None,
        "is_archived": False,
        "is_starred": None,
        "safe_urls": [],
        "blocked_urls": [],
        "default_model_slug": "gpt-5-2",
        "voice": None,
        "async_status": None,
        "disabled_tool_ids": [],
        "is_do_not_remember": False,
        "memory_scope": "global_enabled",
        "id": conversation_id,
    }
    return usual | fields


def chatgpt_chain(conversation_id: str, messages: Sequence[JsonDict], /, **fields: object) -> JsonDict:
    """A ChatGPT conversation without branches."""
    parents: list[str | None] = [None, *(str(message["id"]) for message in messages)]
    return chatgpt_tree(conversation_id, list(zip(parents, messages, strict=False)), **fields)


def chatgpt_conversation(rng: random.Random, *, turns: int) -> JsonDict:
    """A conversation as the platform writes it: with a hidden system message, tools, thoughts and branches."""
    growing = _GrowingChatgpt(rng)
    growing.add("system", "", metadata={"is_visually_hidden_from_conversation": True})
    for turn in range(turns):
        if turn % 2 == 0:
            growing.add("user", _question(rng))
        else:
            growing.answer()
    title = rng.choice(_TITLES) if rng.random() < 0.97 else None
    return chatgpt_tree(
        _uuid(rng),
        growing.nodes,
        title=title,
        create_time=growing.started_s,
        update_time=growing.now_s,
        is_archived=rng.random() < 0.05,
    )


class _GrowingChatgpt:
    """Adds messages at the end of the branch that is current."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.started_s = self.now_s = _START_S + rng.random() * 40_000_000
        self.nodes: list[tuple[str | None, JsonDict]] = []
        self._tip: str | None = None

    def add(self, role: str, content: object, **fields: object) -> None:
        self.now_s += self._rng.random() * 60
        message_id = _uuid(self._rng)
        message = chatgpt_message(message_id, role, content, **({"create_time": round(self.now_s, 6)} | fields))
        self.nodes.append((self._tip, message))
        self._tip = message_id

    def answer(self) -> None:
        rng = self._rng
        asked = self._tip
        if rng.random() < 0.1:
            self._call_python()
        if rng.random() < 0.1:
            self._think()
        if rng.random() < 0.05:  # regenerated: the first answer stays as an alternative
            self.add("assistant", _prose(rng), metadata=self._metadata())
            self._tip = asked
        if rng.random() < 0.1:
            self._cite()
        else:
            self.add("assistant", _prose(rng), metadata=self._metadata())

    def _metadata(self) -> JsonDict:
        return {
            "finish_details": {"type": "stop", "stop_tokens": [200002]},
            "is_complete": True,
            "citations": [],
            "content_references": [],
            "model_slug": "gpt-5-2",
            "default_model_slug": "auto",
            "parent_id": self._tip,
            "request_id": _uuid(self._rng),
            "message_type": "next",
            "timestamp_": "absolute",
        }

    def _call_python(self) -> None:
        code = {
            "content_type": "code",
            "language": "unknown",
            "response_format_name": None,
            "text": "print(sum(range(10)))",
        }
        self.add("assistant", code, recipient="python", metadata=self._metadata())
        result = {"status": "success", "run_id": _uuid(self._rng), "messages": []}
        self.add(
            "tool",
            {"content_type": "execution_output", "text": "45"},
            author={"role": "tool", "name": "python", "metadata": {}},
            metadata={"aggregate_result": result},
        )

    def _think(self) -> None:
        thought = {"summary": "Comparing two ways", "content": _prose(self._rng), "chunks": [], "finished": True}
        self.add(
            "assistant", {"content_type": "thoughts", "thoughts": [thought], "source_analysis_msg_id": _uuid(self._rng)}
        )
        self.add("assistant", {"content_type": "reasoning_recap", "content": "Thought for 7s"})

    def _cite(self) -> None:
        mark = "\ue200cite\ue202turn0search0\ue201"
        text = f"{_prose(self._rng)} {mark}"
        item = {
            "title": "A page",
            "url": "https://example.org/a",
            "snippet": "What it says",
            "attribution": "example.org",
        }
        reference = {
            "matched_text": mark,
            "start_idx": len(text) - len(mark),
            "end_idx": len(text),
            "type": "grouped_webpages",
            "items": [item],
        }
        self.add("assistant", text, metadata=self._metadata() | {"content_references": [reference]})


def _chatgpt_messages(conversation: JsonDict) -> int:
    mapping = conversation["mapping"]
    assert isinstance(mapping, dict)
    return sum(node["message"] is not None for node in mapping.values())


def _chatgpt_extras() -> dict[str, object]:
    return {
        "user.json": {"id": "user-1", "email": "someone@example.org", "chatgpt_plus_user": True},
        "user_settings.json": {"settings": {}},
        "message_feedback.json": [],
        "shared_conversations.json": [{"id": "s1", "conversation_id": "c1", "title": "Shared", "is_anonymous": True}],
        "group_chats.json": {"chats": []},
        "shopping.json": [],
        "sora.json": {},
    }


# Claude -----------------------------------------------------------------------------------------


def claude_message(
    message_id: str, sender: str, content: object, parent: str | None = None, /, **fields: object
) -> JsonDict:
    """A Claude message; `content` may be a text. Without `parent` it has no such field, as in older exports."""
    text = content if isinstance(content, str) else ""
    blocks = [claude_text(text)] if isinstance(content, str) else content
    usual: JsonDict = {
        "uuid": message_id,
        "text": text,
        "content": blocks,
        "sender": sender,
        "created_at": "2025-11-02T10:00:00.123456Z",
        "updated_at": "2025-11-02T10:00:00.123456Z",
        "attachments": [],
        "files": [],
    }
    return usual | ({} if parent is None else {"parent_message_uuid": parent}) | fields


def claude_text(text: str, /, **fields: object) -> JsonDict:
    usual: JsonDict = {
        "start_timestamp": "2025-11-02T10:00:00.100000Z",
        "stop_timestamp": "2025-11-02T10:00:02.200000Z",
        "flags": None,
        "type": "text",
        "text": text,
        "citations": [],
    }
    return usual | fields


def claude_chat(conversation_id: str, messages: Sequence[JsonDict], /, **fields: object) -> JsonDict:
    """A Claude conversation of these messages."""
    usual: JsonDict = {
        "uuid": conversation_id,
        "name": "A chat",
        "summary": "",
        "created_at": "2025-11-02T09:59:59.000000Z",
        "updated_at": "2025-11-02T10:30:00.000000Z",
        "account": {"uuid": "b0b0b0b0-0000-4000-8000-000000000001"},
        "chat_messages": list(messages),
    }
    return usual | fields


def claude_conversation(rng: random.Random, *, turns: int, with_parents: bool = True) -> JsonDict:
    """A conversation as the platform writes it: thinking, tools, artifacts, attachments, mostly without a name."""
    started = rng.randrange(300)
    parent = CLAUDE_ROOT
    messages: list[JsonDict] = []
    for turn in range(turns):
        sender = "human" if turn % 2 == 0 else "assistant"
        blocks: object = _question(rng) if sender == "human" else _claude_blocks(rng)
        message = claude_message(_uuid(rng), sender, blocks, parent if with_parents else None)
        message["created_at"] = message["updated_at"] = _iso(started, turn)
        if sender == "human" and rng.random() < 0.1:
            message["attachments"] = [
                {"file_name": "notes.txt", "file_size": 1200, "file_type": "txt", "extracted_content": _prose(rng)}
            ]
        parent = str(message["uuid"])
        messages.append(message)
    name = rng.choice(_TITLES) if rng.random() < 0.5 else ""
    return claude_chat(_uuid(rng), messages, name=name, created_at=_iso(started, 0), updated_at=_iso(started, turns))


def _claude_blocks(rng: random.Random) -> list[JsonDict]:
    blocks: list[JsonDict] = []
    if rng.random() < 0.2:
        blocks.append(
            {
                "type": "thinking",
                "thinking": _prose(rng),
                "summaries": [{"summary": "Weighing the two options."}],
                "cut_off": False,
                "signature": "c2ln",
            }
        )
    blocks.append(claude_text(_prose(rng)))
    if rng.random() < 0.1:
        artifact = {"id": "page", "type": "text/markdown", "title": "Page", "command": "create", "content": _prose(rng)}
        blocks.append({"type": "tool_use", "id": "toolu_1", "name": "artifacts", "input": artifact, "message": None})
        ok = [{"type": "text", "text": "OK", "uuid": _uuid(rng)}]
        blocks.append(
            {"type": "tool_result", "tool_use_id": "toolu_1", "name": "artifacts", "content": ok, "is_error": False}
        )
        blocks.append(claude_text(_prose(rng)))
    return blocks


def _claude_messages(conversation: JsonDict) -> int:
    messages = conversation["chat_messages"]
    assert isinstance(messages, list)
    return len(messages)


def _claude_extras() -> dict[str, object]:
    project = {
        "uuid": "11111111-0000-4000-8000-000000000001",
        "name": "How to use Claude",
        "description": "",
        "is_private": True,
        "is_starter_project": True,
        "prompt_template": "",
        "created_at": "2025-01-01T00:00:00.000000+00:00",
        "updated_at": "2025-01-01T00:00:00.000000+00:00",
        "creator": {"uuid": "b0b0b0b0-0000-4000-8000-000000000001", "full_name": "Someone"},
        "docs": [{"uuid": "d", "filename": "a.txt", "content": "x", "created_at": "2025-01-01T00:00:00+00:00"}],
    }
    user = {
        "uuid": "b0b0b0b0-0000-4000-8000-000000000001",
        "full_name": "Someone",
        "email_address": "someone@example.org",
    }
    return {"projects.json": [project], "users.json": [user]}


# Text, times and names --------------------------------------------------------------------------


def _prose(rng: random.Random) -> str:
    paragraphs = [" ".join([rng.choice(_OPENINGS), *rng.choices(_SENTENCES, k=rng.randint(1, 5))])]
    paragraphs += rng.choices(_BLOCKS, k=rng.randint(0, 2))
    paragraphs.append(" ".join(rng.choices(_SENTENCES, k=rng.randint(1, 8))))
    return "\n\n".join(paragraphs)


def _question(rng: random.Random) -> str:
    return f"{rng.choice(_QUESTIONS)} {rng.choice(_SENTENCES)}"


def _uuid(rng: random.Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def _iso(started: int, minute: int) -> str:
    day, hour = started % 28 + 1, minute // 60 % 24
    return f"2025-{started % 12 + 1:02}-{day:02}T{hour:02}:{minute % 60:02}:00.000000Z"


# Writing ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Written:
    text: bytes
    messages: int


def _conversations(
    make: Callable[[], JsonDict], count_messages: Callable[[JsonDict], int], wanted: int | None, min_bytes: int
) -> Iterator[_Written]:
    if wanted is None and min_bytes == 0:
        wanted = 20
    size = 0
    for index in count():
        if size >= min_bytes if wanted is None else index >= wanted:
            return
        conversation = make()
        # Both platforms write non-ASCII as escapes, which is what readers have to cope with.
        text = json.dumps(conversation).encode()
        size += len(text)
        yield _Written(text, count_messages(conversation))


def _write_export(
    path: Path, made: Iterator[_Written], layout: Layout, shard_size: int, extras: dict[str, object]
) -> Made:
    opened = _open_target(path)
    with opened as open_file:
        total = _write_conversations(open_file, made, layout, shard_size)
        if path.suffix != ".json":
            for name, value in extras.items():
                with open_file(name) as file:
                    file.write(json.dumps(value).encode())
    return Made(path, *total)


OpenFile = Callable[[str], AbstractContextManager[IO[bytes]]]


@contextmanager
def _open_target(path: Path) -> Iterator[OpenFile]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            yield lambda name: archive.open(name, "w", force_zip64=True)
    elif path.suffix == ".json":
        yield lambda _name: path.open("wb")
    else:
        path.mkdir(parents=True, exist_ok=True)
        yield lambda name: (path / name).open("wb")


def _write_conversations(
    open_file: OpenFile, made: Iterator[_Written], layout: Layout, shard_size: int
) -> tuple[int, int, int]:
    if layout == "single":
        first = next(made)
        with open_file("conversation.json") as file:
            file.write(first.text)
        return 1, first.messages, len(first.text)
    conversations = messages = size = 0
    upcoming = next(made, None)
    for shard in count():
        name = f"conversations-{shard:03}.json" if layout == "shards" else "conversations.json"
        with open_file(name) as file:
            file.write(b'{"conversations": [' if layout == "wrapped" else b"[")
            separator = b""
            written = 0
            while upcoming is not None and (layout != "shards" or written < shard_size):
                size += file.write(separator + upcoming.text)
                separator = b", "
                written += 1
                messages += upcoming.messages
                upcoming = next(made, None)
            conversations += written
            file.write(b"]}" if layout == "wrapped" else b"]")
        if upcoming is None:
            break
    return conversations, messages, size
