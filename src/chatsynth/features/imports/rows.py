"""The rows that new chats and new messages become, gathered for few statements."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from sqlalchemy import Connection, text

from chatsynth.database.bulk import insert_rows
from chatsynth.database.prepared import Prepared
from chatsynth.features.chats.repository import PARTS
from chatsynth.features.chats.tables import chat_sources, chats, members, messages
from chatsynth.features.imports.canonical import Message, Part, Unknown, parts_to_json
from chatsynth.features.imports.json_values import dump

COMPRESSION_LEVEL = 1
"""Of 100 MB of conversations: level 1 makes 22 MB in 0.5 s; level 6 is little smaller and takes much longer."""

_CHAT_COLUMNS = (
    "id",
    "owner_id",
    "title",
    "platform",
    "source_id",
    "created_at",
    "updated_at",
    "archived_at",
    "active_leaf_id",
    "message_count",
)
_MESSAGE_COLUMNS = (
    "id",
    "chat_id",
    "parent_id",
    "position",
    "role",
    "author",
    "model",
    "text",
    "parts",
    "hidden",
    "created_at",
    "source_id",
    "source_hash",
)


_LAST_IDS = Prepared(
    text(
        "SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'chats'),"
        " (SELECT seq FROM sqlite_sequence WHERE name = 'messages')"
    )
)
"""Not the largest that are there: those that were given before a backup was put back are not given again."""


def compress(raw: bytes) -> bytes:
    return zlib.compress(raw, COMPRESSION_LEVEL)


def parts_json(parts: Sequence[Part]) -> str | None:
    """As `features.chats.repository` reads them; None without parts."""
    if not parts:
        return None
    written = dump(parts_to_json(parts)).decode()
    return written if _readable(parts, written) else dump(parts_to_json([_flattened(part) for part in parts])).decode()


def _readable(parts: Sequence[Part], written: str) -> bool:
    """Unknown content may nest deeper than the reader goes."""
    if not any(isinstance(part, Unknown) for part in parts):
        return True
    try:
        PARTS.validate_json(written)
    except ValueError:
        return False
    return True


def _flattened(part: Part) -> Part:
    return replace(part, json=dump(part.json).decode()) if isinstance(part, Unknown) else part


@dataclass(slots=True)
class NewRows:
    """Numbers are given here: the write lock is held, so nobody else gives any."""

    last_chat_id: int
    last_message_id: int
    chats: list[tuple[object, ...]] = field(default_factory=list)
    members: list[tuple[object, ...]] = field(default_factory=list)
    chat_sources: list[tuple[int, bytes]] = field(default_factory=list)
    messages: list[tuple[object, ...]] = field(default_factory=list)

    @classmethod
    def after(cls, db: Connection) -> "NewRows":
        chat_id, message_id = cast("tuple[int | None, int | None]", _LAST_IDS.one(db))
        return cls(chat_id or 0, message_id or 0)

    def next_chat_id(self) -> int:
        self.last_chat_id += 1
        return self.last_chat_id

    def add_message(self, chat_id: int, parent_id: int | None, place: int, message: Message, parts: str | None) -> int:
        self.last_message_id += 1
        self.messages.append(
            (
                self.last_message_id,
                chat_id,
                parent_id,
                place,
                message.role,
                message.author,
                message.model,
                message.text,
                parts,
                int(message.hidden),
                message.created_at,
                message.source_id,
                message.content_hash,
            )
        )
        return self.last_message_id

    def insert(self, db: Connection) -> None:
        """Inserts what was gathered since the last time."""
        insert_rows(db, chats, _CHAT_COLUMNS, self.chats)
        insert_rows(db, members, ("chat_id", "user_id", "role", "created_at"), self.members)
        insert_rows(db, chat_sources, ("chat_id", "raw"), self.chat_sources)
        insert_rows(db, messages, _MESSAGE_COLUMNS, self.messages)
        for rows in (self.chats, self.members, self.chat_sources, self.messages):
            rows.clear()
