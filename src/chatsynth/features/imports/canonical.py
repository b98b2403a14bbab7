"""What every importer makes of a conversation, whatever platform it came from."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from chatsynth.kit.json_types import Json

Platform = Literal["chatgpt", "claude"]
Role = Literal["user", "assistant", "system", "tool"]

UNTITLED = "Untitled chat"
_MADE_TITLE_LENGTH = 80
_TITLE_LENGTH = 500


# Parts: `at` is where a part stands in the text of its message, in UTF-16 code units ---------------


@dataclass(frozen=True, slots=True)
class Thinking:
    type: ClassVar = "thinking"
    at: int
    text: str
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    type: ClassVar = "tool_call"
    at: int
    name: str
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    type: ClassVar = "tool_result"
    at: int
    text: str
    name: str | None = None
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    type: ClassVar = "citation"
    at: int
    title: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that the export names. Its bytes are not imported, and `name` is no address."""

    type: ClassVar = "image"
    at: int
    name: str
    alt: str
    url: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class File:
    type: ClassVar = "file"
    at: int
    name: str
    size: int | None = None
    mime_type: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Audio:
    type: ClassVar = "audio"
    at: int
    name: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    type: ClassVar = "code"
    at: int
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """A document made beside the chat, as it was at this message."""

    type: ClassVar = "artifact"
    at: int
    title: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Error:
    type: ClassVar = "error"
    at: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Badge:
    type: ClassVar = "badge"
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Content of a kind that the importer does not know, kept as it came."""

    type: ClassVar = "unknown"
    at: int
    kind: str
    json: Json


Part = Thinking | ToolCall | ToolResult | Citation | Image | File | Audio | Code | Artifact | Error | Badge | Unknown

_CAMEL = {"mime_type": "mimeType", "is_error": "isError"}


def part_to_json(part: Part) -> dict[str, Json]:
    """The part as it is stored and crosses the wire: camelCase, without fields that are None."""
    values: dict[str, Json] = {"type": part.type}
    for name in part.__slots__:
        value: Json = getattr(part, name)
        if value is not None:
            values[_CAMEL.get(name, name)] = value
    return values


def parts_to_json(parts: Sequence[Part]) -> list[dict[str, Json]]:
    return [part_to_json(part) for part in parts]


# Messages and conversations ---------------------------------------------------------------------


class Message(NamedTuple):  # a frozen dataclass takes three times as long to make, and there are millions
    """`parent` is the `source_id` of a message of the same conversation. Times are milliseconds since 1970 UTC.

    `text` is the editable Markdown: line ends are "\\n", and there are no NULs and no lone surrogates in it.
    `content_hash` tells whether the content differs from that of an earlier import; times and what else differs
    between two exports of one chat are not in it.
    """

    source_id: str
    parent: str | None
    role: Role
    author: str | None
    model: str | None
    created_at: int | None
    hidden: bool
    text: str
    parts: tuple[Part, ...]
    content_hash: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """`messages` has parents before children and siblings in order; `active_leaf` is the `source_id` of the message
    at the end of the branch to show. `raw` is the JSON of the whole as the platform wrote it, `unknown` counts the
    content that the importer does not know, by kind.
    """

    platform: Platform
    source_id: str
    title: str
    created_at: int | None
    updated_at: int | None
    archived: bool
    messages: tuple[Message, ...]
    active_leaf: str | None
    raw: bytes
    unknown: Mapping[str, int]


_sha256 = hashlib.sha256
_encode = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode


def content_hash(role: Role, text: str, parts: Sequence[Part]) -> str:
    """Hex SHA-256 of what a reader sees of a message: role, text and the JSON of the parts, a NUL after each."""
    written = _encode(parts_to_json(parts)) if parts else "[]"
    return _sha256(f"{role}\0{text}\0{written}\0".encode()).hexdigest()


def title_of(given: str, messages: Sequence[Message]) -> str:
    """The given title in one line; without one, the beginning of what the person first wrote."""
    title = _one_line(given[: 2 * _TITLE_LENGTH], _TITLE_LENGTH)
    if title:
        return title
    first = next((message.text for message in messages if message.role == "user" and not message.hidden), "")
    return _one_line(first[: 4 * _MADE_TITLE_LENGTH], _MADE_TITLE_LENGTH) or UNTITLED


def _one_line(text: str, length: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def newest_leaf(messages: Sequence[Message]) -> str | None:
    """The end of the branch that was written last; of equally new ones the later in `messages`."""
    parents = {message.parent for message in messages}
    newest: Message | None = None
    for message in messages:
        if message.source_id not in parents and (
            newest is None or (message.created_at or 0) >= (newest.created_at or 0)
        ):
            newest = message
    return newest.source_id if newest else None
