"""Notifications as they cross the wire."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from chatsynth.kit.wire_model import Count, WireModel
from chatsynth.realtime.frames import Command

# Browsers drop tabs and line breaks from addresses and read `\` as `/`: with these, a path could become another host's.
PathInThePage = Annotated[str, StringConstraints(max_length=500, pattern=r"^/([^/\\\s\p{C}][^\\\s\p{C}]*)?$")]
Level = Literal["info", "success", "warning", "error"]


class Notification(WireModel):
    """`link` is a path inside the page, such as `/chats/42`."""

    id: int
    level: Level
    message: str
    link: str | None
    created_at: int
    read_at: int | None


class SendNotification(Command):
    """Notifies every tab and device of the sender."""

    type: Literal["notification"]
    message: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    level: Level = "info"
    link: PathInThePage | None = None


class ReadNotifications(Command):
    """Marks every notification up to this one as read."""

    type: Literal["notifications_read"]
    up_to: Count


# Log entries of `user:<id>`


class Notified(WireModel):
    type: Literal["notification"] = "notification"
    message: str
    notification: Notification


class NotificationsWereRead(WireModel):
    type: Literal["notifications_were_read"] = "notifications_were_read"
    up_to: int
    read_at: int


NOTIFICATION_COMMANDS: tuple[type[Command], ...] = (SendNotification, ReadNotifications)
