"""The list of chats as one person sees it, and keeping it live in the log of that person."""

from collections.abc import Iterable
from typing import Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, or_, select

from chatsynth.database.unit import Unit
from chatsynth.features.accounts.channel import user_channel
from chatsynth.features.accounts.tables import users
from chatsynth.features.chats.access import Access
from chatsynth.features.chats.tables import chats, members
from chatsynth.features.chats.wire import ChatsListed, ChatSummary
from chatsynth.kit.pagination import Page, decode_cursor, encode_cursor
from chatsynth.log.append import Authorship, append
from chatsynth.realtime.publication import AfterCommit

View = Literal["library", "archived", "trash"]


def list_chats(db: Connection, user_id: int, view: View, limit: int, cursor: str | None) -> Page[ChatSummary]:
    """Newest change first. Raises Refused for a cursor that this server did not make."""
    query = _summaries(user_id).where(_in_view(view))
    if cursor is not None:
        updated_at, chat_id = decode_cursor(cursor)
        query = query.where(
            or_(chats.c.updated_at < updated_at, and_(chats.c.updated_at == updated_at, chats.c.id < chat_id))
        )
    ordered = query.order_by(chats.c.updated_at.desc(), chats.c.id.desc()).limit(limit + 1)
    rows = db.execute(ordered).mappings().all()
    items = tuple(_to_summary(row) for row in rows[:limit])
    more = len(rows) > limit
    return Page(items, encode_cursor(items[-1].updated_at, items[-1].id) if more else None)


def summaries_of(db: Connection, user_id: int, chat_ids: Iterable[int]) -> tuple[ChatSummary, ...]:
    rows = db.execute(_summaries(user_id).where(chats.c.id.in_(list(chat_ids))).order_by(chats.c.id)).mappings()
    return tuple(_to_summary(row) for row in rows)


def tell_lists(unit: Unit[AfterCommit], access: Access, by: Authorship) -> None:
    """Shows the chat as it is now in the list of everyone who may see it."""
    for user_id in sorted(access.roles):
        list_for(unit, user_id, [access.chat_id], by)


def list_for(unit: Unit[AfterCommit], user_id: int, chat_ids: Iterable[int], by: Authorship) -> None:
    listed = ChatsListed(chats=summaries_of(unit.db, user_id, chat_ids))
    append(unit, user_channel(user_id), listed, Authorship(by.user_id))


def _summaries(user_id: int) -> Select[tuple[object, ...]]:
    sharers = members.alias("sharers")
    shared = select(func.count()).where(sharers.c.chat_id == chats.c.id).scalar_subquery()
    return (
        select(chats, members.c.role, users.c.name.label("owner_name"), (shared > 1).label("is_shared"))
        .join(members, and_(members.c.chat_id == chats.c.id, members.c.user_id == user_id))
        .join(users, users.c.id == chats.c.owner_id)
    )


def _in_view(view: View) -> ColumnElement[bool]:
    match view:
        case "library":
            return and_(chats.c.deleted_at.is_(None), chats.c.archived_at.is_(None))
        case "archived":
            return and_(chats.c.deleted_at.is_(None), chats.c.archived_at.is_not(None))
        case "trash":
            return chats.c.deleted_at.is_not(None)


def _to_summary(found: RowMapping) -> ChatSummary:
    return ChatSummary(
        id=found["id"],
        title=found["title"],
        platform=found["platform"],
        role=found["role"],
        owner_name=found["owner_name"],
        is_shared=bool(found["is_shared"]),
        created_at=found["created_at"],
        updated_at=found["updated_at"],
        archived_at=found["archived_at"],
        deleted_at=found["deleted_at"],
        message_count=found["message_count"],
    )
