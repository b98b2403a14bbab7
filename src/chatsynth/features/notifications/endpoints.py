"""`/api/notifications`: what a person should know, newest first."""

from typing import Annotated

from fastapi import APIRouter, Query

from chatsynth.features.accounts.channel import user_channel
from chatsynth.features.accounts.current_user import CurrentUser, ReadingUser
from chatsynth.features.notifications.service import count_unread, list_notifications
from chatsynth.features.notifications.wire import Notification, ReadNotifications
from chatsynth.kit.wire_model import Count, WireModel
from chatsynth.log.append import channel_position
from chatsynth.web.commands import CommandsDep, IdempotencyKey
from chatsynth.web.context import ContextDep

router = APIRouter(prefix="/api/notifications", tags=["notifications"])


class NotificationList(WireModel):
    items: tuple[Notification, ...]
    unread: int
    next: str | None
    channel: str
    epoch: str
    offset: int


class ReadUpTo(WireModel):
    up_to: Count


@router.get("")
def get_notifications(
    user: ReadingUser,
    context: ContextDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> NotificationList:
    with context.reading() as db:
        page = list_notifications(db, user.user_id, limit, cursor)
        epoch, offset = channel_position(db, user_channel(user.user_id))
        return NotificationList(
            items=tuple(page.items),
            unread=count_unread(db, user.user_id),
            next=page.next_cursor,
            channel=user_channel(user.user_id),
            epoch=epoch,
            offset=offset,
        )


@router.post("/read", status_code=204)
async def post_read(body: ReadUpTo, user: CurrentUser, commands: CommandsDep, op: IdempotencyKey = None) -> None:
    """Marks every notification up to this one as read, in all tabs."""
    await commands.run(user, ReadNotifications(type="notifications_read", op=op, up_to=body.up_to))
