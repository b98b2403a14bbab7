"""Sharing commands as they cross the wire."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from chatsynth.features.chats.wire import ChatTarget
from chatsynth.kit.wire_model import Id
from chatsynth.realtime.frames import Command


class ShareChat(Command):
    """Gives another account of this server the right to read (`viewer`) or to read and write (`editor`)."""

    type: Literal["chat_share"]
    chat: ChatTarget
    email: Annotated[str, StringConstraints(min_length=3, max_length=320)]
    role: Literal["editor", "viewer"]


class UnshareChat(Command):
    """Takes the right back; a member may also take their own (leave)."""

    type: Literal["chat_unshare"]
    chat: ChatTarget
    user_id: Id


SHARING_COMMANDS: tuple[type[Command], ...] = (ShareChat, UnshareChat)
