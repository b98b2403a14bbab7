"""From chat commands to what carries them out: who may, on which chat, with which outcome."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar, cast

from sqlalchemy import Connection

from chatsynth.database.unit import Unit
from chatsynth.features.chats import lifecycle, structure, whole
from chatsynth.features.chats.access import (
    Access,
    Right,
    channel_numbered,
    chat_channel,
    chat_id_of,
    message_id_of,
    op_named,
    require,
)
from chatsynth.features.chats.editing import TOO_OLD, edit_with_changes, edit_with_content, refuse_longer
from chatsynth.features.chats.listing import tell_lists
from chatsynth.features.chats.wire import (
    AddMessage,
    ArchiveChat,
    ChatRef,
    ChatTarget,
    CreateChat,
    DeleteChat,
    MoveMessage,
    RemoveMessage,
    RestoreChat,
    RestoreMessage,
    RetitleChat,
    SelectBranch,
    TextUpdate,
    UpdateChat,
)
from chatsynth.log.append import Authorship, channel_position
from chatsynth.log.execute import Handler, Handlers
from chatsynth.log.ops import Outcome
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.realtime.frames import Command
from chatsynth.realtime.identity import Origin
from chatsynth.realtime.publication import AfterCommit

ChatCommand = TypeVar("ChatCommand", bound=Command)
Made = tuple[int, dict[str, int]]
"""The offset of the entry, and the numbers of what the change made or touched."""

CHANGES_OR_CONTENT = "A “chat_update” has either “changes” (with “messageId” and “base”) or “content”."


def _on_chat(
    right: Right, act: Callable[[Unit[AfterCommit], Access, ChatCommand, Authorship], Made]
) -> Handler[Command]:
    """A handler that first finds the chat and checks the right, on the chat that `command.chat.id` names."""

    def run(unit: Unit[AfterCommit], origin: Origin, command: ChatCommand) -> Outcome:
        user_id = origin.identity.user_id
        chat_id = chat_id_of(unit.db, user_id, _target(command))
        access = require(unit.db, user_id, chat_id, right)
        offset, made = act(unit, access, command, Authorship(user_id, command.op))
        return Outcome(chat_channel(chat_id), offset, {"chatId": chat_id, **made})

    return cast("Handler[Command]", Handler(run, _channel, _made_by))


def _target(command: Command) -> ChatRef:
    chat = getattr(command, "chat")  # noqa: B009
    assert isinstance(chat, ChatTarget | TextUpdate)
    return chat.id


def _channel(command: Command) -> str | None:
    return channel_numbered(_target(command))


def _made_by(command: Command) -> str | None:
    return op_named(_target(command))


def _says_no_base(command: UpdateChat) -> bool:
    return command.chat.base is None


def _update(max_text_units: int, unit: Unit[AfterCommit], origin: Origin, command: UpdateChat) -> Outcome:
    user_id = origin.identity.user_id
    update = command.chat
    access = require(unit.db, user_id, chat_id_of(unit.db, user_id, update.id), "write")
    _refuse_other_life(unit.db, access.chat_id, update.epoch)
    base = origin.delivered_offset if update.base is None else update.base  # PLN4
    by = Authorship(user_id, command.op)
    made = {"chatId": access.chat_id}
    if update.message_id is None:
        return Outcome(chat_channel(access.chat_id), _save_whole(unit, access, base, update, by, max_text_units), made)
    message_id = message_id_of(unit.db, user_id, update.message_id)
    offset = _edit(unit, access, message_id, base, update, by, max_text_units)
    return Outcome(chat_channel(access.chat_id), offset, {**made, "messageId": message_id})


def _refuse_other_life(db: Connection, chat_id: int, epoch: str | None) -> None:
    """The same offset was somebody else's entry before a backup was put back."""
    if epoch and epoch != channel_position(db, chat_channel(chat_id))[0]:
        raise Refused(ErrorCode.TOO_OLD, TOO_OLD)


def _edit(
    unit: Unit[AfterCommit],
    access: Access,
    message_id: int,
    base: int | None,
    update: TextUpdate,
    by: Authorship,
    max_text_units: int,
) -> int:
    if isinstance(update.content, str) and update.changes is None:
        return edit_with_content(unit, access, message_id, base, update.content, by, max_text_units)
    if update.changes is not None and update.content is None:
        return edit_with_changes(unit, access, message_id, base, update.changes, by, max_text_units)
    raise Refused(ErrorCode.INVALID, CHANGES_OR_CONTENT)


def _save_whole(
    unit: Unit[AfterCommit],
    access: Access,
    base: int | None,
    update: TextUpdate,
    by: Authorship,
    max_text_units: int,
) -> int:
    if update.changes is not None or update.content is None:
        raise Refused(ErrorCode.INVALID, CHANGES_OR_CONTENT)
    if isinstance(update.content, str):
        offset = whole.save_transcript(unit, access, base, update.content, by, max_text_units)
    else:
        offset = whole.save_messages(unit, access, base, update.content, by, max_text_units)
    tell_lists(unit, access, by)
    return offset


def _create(max_text_units: int, unit: Unit[AfterCommit], origin: Origin, command: CreateChat) -> Outcome:
    user_id = origin.identity.user_id
    for message in command.chat.messages:
        refuse_longer(message.content, max_text_units)
    chat_id, offset = lifecycle.create(unit, user_id, command.chat, Authorship(user_id, command.op))
    return Outcome(chat_channel(chat_id), offset, {"chatId": chat_id})


def _add(max_text_units: int, unit: Unit[AfterCommit], access: Access, command: AddMessage, by: Authorship) -> Made:
    refuse_longer(command.message.content, max_text_units)
    if command.after == "end":
        message_id, offset = structure.add_at_end(unit, access, command.message, by)
    else:
        after = None if command.after is None else message_id_of(unit.db, by.user_id or 0, command.after)
        message_id, offset = structure.add_after(unit, access, after, command.message, by)
    tell_lists(unit, access, by)
    return offset, {"messageId": message_id}


def _move(unit: Unit[AfterCommit], access: Access, command: MoveMessage, by: Authorship) -> Made:
    message_id = message_id_of(unit.db, by.user_id or 0, command.chat.message_id)
    after = None if command.after is None else message_id_of(unit.db, by.user_id or 0, command.after)
    offset = structure.move(unit, access, message_id, after, by)
    tell_lists(unit, access, by)
    return offset, {"messageId": message_id}


Target = RemoveMessage | RestoreMessage | SelectBranch


MessageAct = Callable[[Unit[AfterCommit], Access, int, Authorship], int]


def _then_tell_lists(act: MessageAct) -> MessageAct:
    """For what the lists show: how many messages a chat has, and when it was changed."""

    def run(unit: Unit[AfterCommit], access: Access, message_id: int, by: Authorship) -> int:
        offset = act(unit, access, message_id, by)
        tell_lists(unit, access, by)
        return offset

    return run


def _on_message(
    act: MessageAct,
) -> Callable[[Unit[AfterCommit], Access, Target, Authorship], Made]:
    def run(unit: Unit[AfterCommit], access: Access, command: Target, by: Authorship) -> Made:
        message_id = message_id_of(unit.db, by.user_id or 0, command.chat.message_id)
        return act(unit, access, message_id, by), {"messageId": message_id}

    return run


def _retitle(unit: Unit[AfterCommit], access: Access, command: RetitleChat, by: Authorship) -> Made:
    return lifecycle.retitle(unit, access, command.chat.title, by), {}


def _archive(unit: Unit[AfterCommit], access: Access, command: ArchiveChat, by: Authorship) -> Made:
    return lifecycle.archive(unit, access, command.archived, by), {}


def _delete(unit: Unit[AfterCommit], access: Access, _: DeleteChat, by: Authorship) -> Made:
    return lifecycle.delete(unit, access, by), {}


def _restore(unit: Unit[AfterCommit], access: Access, _: RestoreChat, by: Authorship) -> Made:
    return lifecycle.restore(unit, access, by), {}


def chat_handlers(max_text_units: int) -> Handlers:
    return {
        UpdateChat: cast(
            "Handler[Command]", Handler(partial(_update, max_text_units), _channel, _made_by, _says_no_base)
        ),
        CreateChat: cast("Handler[Command]", Handler(partial(_create, max_text_units))),
        RetitleChat: _on_chat("write", _retitle),
        ArchiveChat: _on_chat("own", _archive),
        DeleteChat: _on_chat("own", _delete),
        RestoreChat: _on_chat("own", _restore),
        AddMessage: _on_chat("write", partial(_add, max_text_units)),
        RemoveMessage: _on_chat("write", _on_message(_then_tell_lists(structure.remove))),
        RestoreMessage: _on_chat("write", _on_message(_then_tell_lists(structure.restore))),
        MoveMessage: _on_chat("write", _move),
        SelectBranch: _on_chat("write", _on_message(_then_tell_lists(structure.select_branch))),
    }
