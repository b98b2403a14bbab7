"""What is in somebody's library already, found by the ids that the platform gave."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, tuple_

from chatsynth.features.chats.tables import chats, messages
from chatsynth.features.imports.canonical import Conversation

IDS_IN_A_STATEMENT = 500
Key = tuple[str, str]
"""Platform and source id."""


def key_of(conversation: Conversation) -> Key:
    return conversation.platform, conversation.source_id


@dataclass(frozen=True, slots=True)
class KnownChat:
    id: int
    title: str
    updated_at: int
    deleted_at: int | None
    active_leaf_id: int | None


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """Changed here: `edited_at`, `removed_at`. `source_hash` is of the source as it was imported last."""

    id: int
    source_id: str
    source_hash: str | None
    edited_at: int | None
    removed_at: int | None


def known_chats(db: Connection, owner_id: int, keys: Sequence[Key]) -> Mapping[Key, KnownChat]:
    """Those of these conversations that this person has, the trash included."""
    found: dict[Key, KnownChat] = {}
    columns = (chats.c.id, chats.c.title, chats.c.updated_at, chats.c.deleted_at, chats.c.active_leaf_id)
    for start in range(0, len(keys), IDS_IN_A_STATEMENT):
        which = tuple_(chats.c.platform, chats.c.source_id).in_(keys[start : start + IDS_IN_A_STATEMENT])
        rows = db.execute(
            select(chats.c.platform, chats.c.source_id, *columns).where(chats.c.owner_id == owner_id, which)
        )
        found.update({(row[0], row[1]): KnownChat(*row[2:]) for row in rows})
    return found


def known_messages(db: Connection, chat_id: int, source_ids: Collection[str]) -> Mapping[str, KnownMessage]:
    """Those of these messages that the chat has, removed ones included."""
    found: dict[str, KnownMessage] = {}
    wanted = list(source_ids)
    columns = (
        messages.c.id,
        messages.c.source_id,
        messages.c.source_hash,
        messages.c.edited_at,
        messages.c.removed_at,
    )
    for start in range(0, len(wanted), IDS_IN_A_STATEMENT):
        which = messages.c.source_id.in_(wanted[start : start + IDS_IN_A_STATEMENT])
        rows = db.execute(select(*columns).where(messages.c.chat_id == chat_id, which))
        found.update({row.source_id: KnownMessage(*row) for row in rows})
    return found
