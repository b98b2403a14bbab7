"""From sharing commands to what carries them out."""

from functools import partial
from typing import cast

from chatsynth.database.unit import Unit
from chatsynth.features.chats.access import channel_numbered, chat_channel, chat_id_of, op_named, require
from chatsynth.features.notifications.allowance import Allowance
from chatsynth.features.sharing.service import share, unshare
from chatsynth.features.sharing.wire import ShareChat, UnshareChat
from chatsynth.log.append import Authorship
from chatsynth.log.execute import Handler, Handlers
from chatsynth.log.ops import Outcome
from chatsynth.realtime.frames import Command
from chatsynth.realtime.identity import Origin
from chatsynth.realtime.publication import AfterCommit


def _share(unit: Unit[AfterCommit], origin: Origin, command: ShareChat, allowance: Allowance) -> Outcome:
    user_id = origin.identity.user_id
    access = require(unit.db, user_id, chat_id_of(unit.db, user_id, command.chat.id), "own")
    offset = share(unit, access, command.email, command.role, Authorship(user_id, command.op), allowance)
    return Outcome(chat_channel(access.chat_id), offset, {"chatId": access.chat_id})


def _unshare(unit: Unit[AfterCommit], origin: Origin, command: UnshareChat) -> Outcome:
    user_id = origin.identity.user_id
    access = require(unit.db, user_id, chat_id_of(unit.db, user_id, command.chat.id), "read")
    offset = unshare(unit, access, user_id, command.user_id, Authorship(user_id, command.op))
    return Outcome(chat_channel(access.chat_id), offset, {"chatId": access.chat_id})


def _channel(command: ShareChat | UnshareChat) -> str | None:
    return channel_numbered(command.chat.id)


def _made_by(command: ShareChat | UnshareChat) -> str | None:
    return op_named(command.chat.id)


def sharing_handlers(allowance: Allowance) -> Handlers:
    return {
        ShareChat: cast("Handler[Command]", Handler(partial(_share, allowance=allowance), _channel, _made_by)),
        UnshareChat: cast("Handler[Command]", Handler(_unshare, _channel, _made_by)),
    }
