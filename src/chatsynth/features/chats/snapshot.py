"""A chat as it stands at one offset of its log, in pages, read in one transaction."""

from sqlalchemy import Connection, select

from chatsynth.features.accounts.tables import users
from chatsynth.features.chats import repository
from chatsynth.features.chats.access import chat_channel, require
from chatsynth.features.chats.tables import members, messages
from chatsynth.features.chats.tree import path_to
from chatsynth.features.chats.wire import Chat, Member, Message
from chatsynth.kit.pagination import InvalidCursor, decode_cursor, encode_cursor
from chatsynth.log.append import channel_position

MOST_BYTES_IN_A_PAGE = 8 * 1024 * 1024


def read_chat(db: Connection, user_id: int, chat_id: int, limit: int, cursor: str | None) -> Chat:
    """The page of the active branch that follows the cursor. Raises Refused, or InvalidCursor when the cursor's
    message has left the branch."""
    access = require(db, user_id, chat_id, "read")
    row = repository.chat_row(db, chat_id)
    epoch, head = channel_position(db, chat_channel(chat_id))
    path = path_to(row["active_leaf_id"], repository.nodes_of(db, chat_id))
    visible = [node.id for node in path if not node.is_removed]
    page, following = _page(db, chat_id, visible, limit, cursor)
    return Chat(
        id=chat_id,
        title=row["title"],
        platform=row["platform"],
        role=access.role,
        channel=chat_channel(chat_id),
        epoch=epoch,
        offset=head,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        archived_at=row["archived_at"],
        deleted_at=row["deleted_at"],
        members=members_of(db, chat_id),
        messages=tuple(page),
        message_count=len(visible),
        next=following,
    )


def _page(
    db: Connection, chat_id: int, visible: list[int], limit: int, cursor: str | None
) -> tuple[list[Message], str | None]:
    start = _start(visible, cursor)
    page = repository.load_messages(db, chat_id, visible[start : start + limit])
    fitting, size = 0, 0
    for message in page:  # a page is bounded in bytes as well, but has at least one message
        size += len(message.content) + 200
        if fitting and size > MOST_BYTES_IN_A_PAGE:
            break
        fitting += 1
    end = start + fitting
    return page[:fitting], encode_cursor(visible[end - 1]) if end < len(visible) else None


def _start(visible: list[int], cursor: str | None) -> int:
    if cursor is None:
        return 0
    (after,) = decode_cursor(cursor, count=1)
    try:
        return visible.index(after) + 1
    except ValueError:
        raise InvalidCursor(
            "The chat has changed since this page was read; please read it from its beginning."
        ) from None


def read_removed(db: Connection, user_id: int, chat_id: int) -> tuple[Message, ...]:
    """The removed messages of a chat, most recently removed first."""
    require(db, user_id, chat_id, "read")
    rows = db.execute(
        select(messages)
        .where(messages.c.chat_id == chat_id, messages.c.removed_at.is_not(None))
        .order_by(messages.c.removed_at.desc(), messages.c.id.desc())
        .limit(1000)
    ).mappings()
    return tuple(repository.to_message(row, ()) for row in rows)


def members_of(db: Connection, chat_id: int) -> tuple[Member, ...]:
    rows = db.execute(
        select(members.c.user_id, members.c.role, users.c.name, users.c.email)
        .join(users, users.c.id == members.c.user_id)
        .where(members.c.chat_id == chat_id)
        .order_by(members.c.created_at, members.c.user_id)
    )
    return tuple(Member(user_id=row.user_id, name=row.name, email=row.email, role=row.role) for row in rows)
