"""What is in somebody's library already, found by the ids that the platform gave."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, Select, Text, bindparam, func, select

from chatsynth.database.prepared import Prepared
from chatsynth.features.chats.tables import chats, messages
from chatsynth.features.imports.canonical import Conversation

Key = tuple[str, str]
"""Platform and source id."""


def _listed(name: str) -> Select[tuple[str]]:
    """The items of a JSON list that is the parameter `name`: any number of them with one statement."""
    return select(func.json_each(bindparam(name)).table_valued("value", name="listed").c.value.cast(Text))


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
    """Changed here: `edited_at`, `removed_at`. `source_hash` is of the source as it was imported last; `hidden` is not
    in it."""

    id: int
    source_id: str
    source_hash: str | None
    edited_at: int | None
    removed_at: int | None
    hidden: bool


_MessageColumns = tuple[int, str, str | None, int | None, int | None, bool]
_ChatColumns = tuple[int, str, int, int | None, int | None]
_CHATS = Prepared(
    select(chats.c.source_id, chats.c.id, chats.c.title, chats.c.updated_at, chats.c.deleted_at, chats.c.active_leaf_id)
    .where(chats.c.owner_id == bindparam("owner_id"), chats.c.platform == bindparam("of_platform"))
    .where(chats.c.source_id.in_(_listed("source_ids")))
)
_MESSAGES = Prepared(
    select(
        messages.c.id,
        messages.c.source_id,
        messages.c.source_hash,
        messages.c.edited_at,
        messages.c.removed_at,
        messages.c.hidden,
    ).where(messages.c.chat_id == bindparam("of_chat"), messages.c.source_id.in_(_listed("source_ids")))
)


def known_chats(db: Connection, owner_id: int, keys: Iterable[Key]) -> Mapping[Key, KnownChat]:
    """Those of these conversations that this person has, the trash included."""
    by_platform: defaultdict[str, list[str]] = defaultdict(list)
    for platform, source_id in keys:
        by_platform[platform].append(source_id)
    found: dict[Key, KnownChat] = {}
    for platform, ids in by_platform.items():
        rows = _CHATS.all(db, owner_id=owner_id, of_platform=platform, source_ids=json.dumps(ids))
        for row in rows:
            found[platform, str(row[0])] = KnownChat(*cast("_ChatColumns", tuple(row[1:])))
    return found


def known_messages(db: Connection, chat_id: int, source_ids: Collection[str]) -> Mapping[str, KnownMessage]:
    """Those of these messages that the chat has, removed ones included."""
    rows = _MESSAGES.all(db, of_chat=chat_id, source_ids=json.dumps(list(source_ids)))
    found = [KnownMessage(*row) for row in cast("Sequence[_MessageColumns]", rows)]
    return {each.source_id: each for each in found}
