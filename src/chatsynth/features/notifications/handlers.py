"""From notification commands to what carries them out."""

from functools import partial
from typing import cast

from chatsynth.database.unit import Unit
from chatsynth.features.accounts.channel import user_channel
from chatsynth.features.notifications.allowance import Allowance
from chatsynth.features.notifications.service import mark_read, notify
from chatsynth.features.notifications.wire import ReadNotifications, SendNotification
from chatsynth.log.append import Authorship
from chatsynth.log.execute import Handler, Handlers
from chatsynth.log.ops import Outcome
from chatsynth.realtime.frames import Command
from chatsynth.realtime.identity import Origin
from chatsynth.realtime.publication import AfterCommit


def _send(unit: Unit[AfterCommit], origin: Origin, command: SendNotification, allowance: Allowance) -> Outcome:
    user_id = origin.identity.user_id
    allowance.take(user_id, unit.now_ms)
    by = Authorship(user_id, command.op)
    made, offset = notify(unit, user_id, command.level, command.message, command.link, by)
    return Outcome(user_channel(user_id), offset, {"notificationId": made.id})


def _read(unit: Unit[AfterCommit], origin: Origin, command: ReadNotifications) -> Outcome:
    user_id = origin.identity.user_id
    offset = mark_read(unit, user_id, command.up_to, Authorship(user_id, command.op))
    return Outcome(user_channel(user_id), offset, {})


def notification_handlers(allowance: Allowance) -> Handlers:
    return {
        SendNotification: cast("Handler[Command]", Handler(partial(_send, allowance=allowance))),
        ReadNotifications: cast("Handler[Command]", Handler(_read)),
    }
