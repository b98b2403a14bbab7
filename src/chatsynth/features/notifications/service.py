"""Raising notifications, marking them read, listing them."""

from sqlalchemy import Connection, func, insert, select, update

from chatsynth.database.unit import Unit
from chatsynth.features.accounts.channel import user_channel
from chatsynth.features.notifications.tables import notifications
from chatsynth.features.notifications.wire import (
    Level,
    Notification,
    NotificationsWereRead,
    Notified,
)
from chatsynth.kit.pagination import Page, decode_cursor, encode_cursor
from chatsynth.log.append import Authorship, append
from chatsynth.realtime.publication import AfterCommit, PlainForm


def notify(
    unit: Unit[AfterCommit],
    user_id: int,
    level: Level,
    message: str,
    link: str | None,
    by: Authorship = Authorship(None),  # noqa: B008
) -> tuple[Notification, int]:
    """Stores the notification and logs it for the person's tabs; returns it with the offset of its entry."""
    row = {"user_id": user_id, "level": level, "message": message, "link": link, "created_at": unit.now_ms}
    notification_id = unit.db.execute(insert(notifications).values(row).returning(notifications.c.id)).scalar_one()
    made = Notification(
        id=notification_id, level=level, message=message, link=link, created_at=unit.now_ms, read_at=None
    )
    body = Notified(message=message, notification=made)
    plain = PlainForm(frozenset({user_id}), body.wire_json)
    return made, append(unit, user_channel(user_id), body, by, plain=plain)


def mark_read(unit: Unit[AfterCommit], user_id: int, up_to: int, by: Authorship) -> int:
    unit.db.execute(
        update(notifications)
        .where(notifications.c.user_id == user_id, notifications.c.id <= up_to, notifications.c.read_at.is_(None))
        .values(read_at=unit.now_ms)
    )
    body = NotificationsWereRead(up_to=up_to, read_at=unit.now_ms)
    return append(unit, user_channel(user_id), body, by)


def list_notifications(db: Connection, user_id: int, limit: int, cursor: str | None) -> Page[Notification]:
    """Newest first. Raises InvalidCursor."""
    query = select(notifications).where(notifications.c.user_id == user_id)
    if cursor is not None:
        (before,) = decode_cursor(cursor, count=1)
        query = query.where(notifications.c.id < before)
    rows = db.execute(query.order_by(notifications.c.id.desc()).limit(limit + 1)).all()
    items = tuple(
        Notification(
            id=row.id,
            level=row.level,
            message=row.message,
            link=row.link,
            created_at=row.created_at,
            read_at=row.read_at,
        )
        for row in rows[:limit]
    )
    return Page(items, encode_cursor(items[-1].id) if len(rows) > limit else None)


def count_unread(db: Connection, user_id: int) -> int:
    unread = (notifications.c.user_id == user_id) & notifications.c.read_at.is_(None)
    return db.execute(select(func.count()).select_from(notifications).where(unread)).scalar_one()
