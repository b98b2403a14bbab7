"""Rows of chats and messages, read and written in the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, bindparam, insert, or_, select, update

from chatsynth.database.prepared import Prepared
from chatsynth.features.chats.access import MESSAGE_NOT_FOUND, NOT_FOUND, chat_channel
from chatsynth.features.chats.tables import chats, messages
from chatsynth.features.chats.tree import Node
from chatsynth.features.chats.wire import Message, NewMessage, Part
from chatsynth.log.tables import channels
from chatsynth.realtime.errors import ErrorCode, Refused

IDS_IN_A_STATEMENT = 500
PARTS: TypeAdapter[tuple[Part, ...]] = TypeAdapter(tuple[Part, ...])

_CHAT = select(chats).where(chats.c.id == bindparam("chat_id"))
_MESSAGE = select(messages).where(messages.c.id == bindparam("message_id"), messages.c.chat_id == bindparam("of_chat"))
_TEXT = Prepared(
    select(messages.c.text, messages.c.parts, channels.c.head, channels.c.pruned_to, chats.c.updated_at)
    .select_from(messages)
    .join(channels, channels.c.name == bindparam("channel"))
    .join(chats, chats.c.id == messages.c.chat_id)
    .where(messages.c.id == bindparam("message_id"), messages.c.chat_id == bindparam("of_chat"))
)
_SET_TEXT = Prepared(
    update(messages)
    .where(messages.c.id == bindparam("message_id"))
    .values(text=bindparam("new_text"), parts=bindparam("new_parts"), edited_at=bindparam("now_ms"))
)
_TOUCH = Prepared(update(chats).where(chats.c.id == bindparam("chat_id")).values(updated_at=bindparam("now_ms")))
_NODES = select(messages.c.id, messages.c.parent_id, messages.c.position, messages.c.removed_at).where(
    messages.c.chat_id == bindparam("chat_id")
)


def chat_row(db: Connection, chat_id: int) -> RowMapping:
    row = db.execute(_CHAT, {"chat_id": chat_id}).mappings().one_or_none()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, NOT_FOUND)
    return row


def message_row(db: Connection, chat_id: int, message_id: int) -> RowMapping:
    row = db.execute(_MESSAGE, {"message_id": message_id, "of_chat": chat_id}).mappings().one_or_none()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, MESSAGE_NOT_FOUND)
    return row


@dataclass(frozen=True, slots=True)
class TextRow:
    """A message's text and parts, and where the log of its chat stands."""

    text: str
    parts: str | None
    head: int
    pruned_to: int
    chat_updated_at: int


def text_row(db: Connection, chat_id: int, message_id: int) -> TextRow:
    row = _TEXT.one(db, channel=chat_channel(chat_id), message_id=message_id, of_chat=chat_id)
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, MESSAGE_NOT_FOUND)
    return TextRow(*cast("tuple[str, str | None, int, int, int]", row))


def nodes_of(db: Connection, chat_id: int) -> dict[int, Node]:
    rows = db.execute(_NODES, {"chat_id": chat_id})
    return {row.id: Node(row.id, row.parent_id, row.position, row.removed_at is not None) for row in rows}


def set_text(db: Connection, message_id: int, text: str, parts: str | None, now_ms: int) -> None:
    _SET_TEXT.run(db, message_id=message_id, new_text=text, new_parts=parts, now_ms=now_ms)


def touch(db: Connection, chat_id: int, now_ms: int) -> None:
    """The chat has changed: it moves up in the lists."""
    _TOUCH.run(db, chat_id=chat_id, now_ms=now_ms)


def insert_message(db: Connection, chat_id: int, parent_id: int | None, new: NewMessage, text: str, now_ms: int) -> int:
    statement = insert(messages).values(
        chat_id=chat_id,
        parent_id=parent_id,
        position=0,
        role=new.role,
        author=new.author,
        text=text,
        hidden=False,
        created_at=now_ms,
    )
    return int(db.execute(statement.returning(messages.c.id)).scalar_one())


def place(db: Connection, placements: dict[int, int | None]) -> None:
    for message_id, parent_id in placements.items():
        db.execute(update(messages).where(messages.c.id == message_id).values(parent_id=parent_id))


def adopt_children(db: Connection, chat_id: int, parent_id: int | None, new_parent_id: int) -> None:
    """All that followed `parent_id` now follows `new_parent_id`, which itself follows `parent_id`."""
    follows = messages.c.parent_id.is_(None) if parent_id is None else messages.c.parent_id == parent_id
    db.execute(
        update(messages)
        .where(messages.c.chat_id == chat_id, follows, messages.c.id != new_parent_id)
        .values(parent_id=new_parent_id)
    )


def set_leaf(db: Connection, chat_id: int, leaf_id: int | None) -> None:
    db.execute(update(chats).where(chats.c.id == chat_id).values(active_leaf_id=leaf_id))


def add_to_count(db: Connection, chat_id: int, by: int) -> None:
    db.execute(update(chats).where(chats.c.id == chat_id).values(message_count=chats.c.message_count + by))


def load_messages(db: Connection, chat_id: int, ids: Sequence[int]) -> list[Message]:
    """These messages in this order, each with its alternatives."""
    found: dict[int, Message] = {}
    for start in range(0, len(ids), IDS_IN_A_STATEMENT):
        some = ids[start : start + IDS_IN_A_STATEMENT]
        rows = db.execute(select(messages).where(messages.c.id.in_(some))).mappings().all()
        forks = _siblings(db, chat_id, {row["parent_id"] for row in rows})
        found.update({row["id"]: to_message(row, forks.get(row["parent_id"], ())) for row in rows})
    return [found[each] for each in ids if each in found]


def load_message(db: Connection, chat_id: int, message_id: int) -> Message:
    row = message_row(db, chat_id, message_id)
    return to_message(row, _siblings(db, chat_id, {row["parent_id"]}).get(row["parent_id"], ()))


def _siblings(db: Connection, chat_id: int, parents: Iterable[int | None]) -> dict[int | None, tuple[int, ...]]:
    """The children of those of these parents that have several, in their order."""
    wanted = list(parents)
    real = [parent for parent in wanted if parent is not None]
    under = messages.c.parent_id.in_(real)
    roots = messages.c.parent_id.is_(None)
    rows = db.execute(
        select(messages.c.parent_id, messages.c.id)
        .where(messages.c.chat_id == chat_id, or_(under, roots) if None in wanted else under)
        .order_by(messages.c.position, messages.c.id)
    )
    children: dict[int | None, tuple[int, ...]] = {}
    for row in rows:
        children[row.parent_id] = (*children.get(row.parent_id, ()), row.id)
    return {parent: ids for parent, ids in children.items() if len(ids) > 1}


def to_message(row: RowMapping, siblings: tuple[int, ...]) -> Message:
    return Message(
        id=row["id"],
        role=row["role"],
        author=row["author"],
        model=row["model"],
        content=row["text"],
        parts=PARTS.validate_json(row["parts"]) if row["parts"] else (),
        hidden=row["hidden"],
        created_at=row["created_at"],
        edited_at=row["edited_at"],
        siblings=siblings,
    )
