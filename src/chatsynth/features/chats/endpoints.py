"""`/api/chats`: chats and messages for programs, and the snapshots that the page begins with."""

from typing import Annotated

from fastapi import APIRouter, Query

from chatsynth.features.accounts.channel import user_channel
from chatsynth.features.accounts.current_user import CurrentUser, ReadingUser
from chatsynth.features.chats.http_schemas import AddedMessage, ChatChange, ChatList, Done, MessageChange, Messages
from chatsynth.features.chats.listing import View, list_chats
from chatsynth.features.chats.snapshot import read_chat, read_removed
from chatsynth.features.chats.wire import (
    AddMessage,
    ArchiveChat,
    Chat,
    ChatTarget,
    ChatTitle,
    CreateChat,
    DeleteChat,
    MessageTarget,
    MoveMessage,
    NewChat,
    NewMessage,
    RemoveMessage,
    RestoreChat,
    RestoreMessage,
    RetitleChat,
    SelectBranch,
    TextUpdate,
    UpdateChat,
)
from chatsynth.kit.wire_model import Id, WireModel
from chatsynth.log.append import channel_position
from chatsynth.log.ops import Outcome
from chatsynth.web.commands import CommandsDep, IdempotencyKey, second_op
from chatsynth.web.context import ContextDep

router = APIRouter(prefix="/api/chats", tags=["chats"])

FIRST_PAGE = 200
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=200)]


class MoveTo(WireModel):
    after: Id | None


@router.get("")
def get_chats(
    user: ReadingUser, context: ContextDep, limit: Limit = 100, cursor: Cursor = None, view: View = "library"
) -> ChatList:
    """The person's chats, last changed first."""
    with context.reading() as db:
        page = list_chats(db, user.user_id, view, limit, cursor)
        epoch, offset = channel_position(db, user_channel(user.user_id))
    return ChatList(
        items=tuple(page.items),
        next=page.next_cursor,
        channel=user_channel(user.user_id),
        epoch=epoch,
        offset=offset,
    )


@router.post("", status_code=201)
async def post_chat(
    body: NewChat, user: CurrentUser, context: ContextDep, commands: CommandsDep, op: IdempotencyKey = None
) -> Chat:
    """Creates a chat, with messages if any are given."""
    outcome = await commands.run(user, CreateChat(type="chat_create", op=op, chat=body))
    return await context.read(lambda db: read_chat(db, user.user_id, _id(outcome, "chatId"), FIRST_PAGE, None))


@router.get("/{chat_id}")
def get_chat(
    chat_id: Id, user: ReadingUser, context: ContextDep, limit: Limit = FIRST_PAGE, cursor: Cursor = None
) -> Chat:
    """A page of the chat as it is at `offset` of its log."""
    with context.reading() as db:
        return read_chat(db, user.user_id, chat_id, limit, cursor)


@router.get("/{chat_id}/removed")
def get_removed(chat_id: Id, user: ReadingUser, context: ContextDep) -> Messages:
    """The removed messages, which can be restored."""
    with context.reading() as db:
        return Messages(items=read_removed(db, user.user_id, chat_id))


@router.patch("/{chat_id}")
async def patch_chat(
    chat_id: Id,
    body: ChatChange,
    user: CurrentUser,
    context: ContextDep,
    commands: CommandsDep,
    op: IdempotencyKey = None,
) -> Chat:
    """Renames a chat, or puts it into the archive or back."""
    if body.title is not None:
        title = ChatTitle(id=chat_id, title=body.title)
        await commands.run(user, RetitleChat(type="chat_retitle", op=op, chat=title))
    if body.archived is not None:
        own_op = second_op(op) if body.title is not None else op
        target = ChatTarget(id=chat_id)
        await commands.run(user, ArchiveChat(type="chat_archive", op=own_op, chat=target, archived=body.archived))
    return await context.read(lambda db: read_chat(db, user.user_id, chat_id, FIRST_PAGE, None))


@router.delete("/{chat_id}")
async def delete_chat(chat_id: Id, user: CurrentUser, commands: CommandsDep, op: IdempotencyKey = None) -> Done:
    """Moves a chat into the trash."""
    command = DeleteChat(type="chat_delete", op=op, chat=ChatTarget(id=chat_id))
    return _done(await commands.run(user, command))


@router.post("/{chat_id}/restore")
async def restore_chat(chat_id: Id, user: CurrentUser, commands: CommandsDep, op: IdempotencyKey = None) -> Done:
    command = RestoreChat(type="chat_restore", op=op, chat=ChatTarget(id=chat_id))
    return _done(await commands.run(user, command))


@router.post("/{chat_id}/messages", status_code=201)
async def post_message(
    chat_id: Id, body: AddedMessage, user: CurrentUser, commands: CommandsDep, op: IdempotencyKey = None
) -> Done:
    """Adds a message, by default at the end."""
    command = AddMessage(
        type="message_add",
        op=op,
        chat=ChatTarget(id=chat_id),
        message=NewMessage(role=body.role, content=body.content, author=body.author),
        after=body.after if "after" in body.model_fields_set else "end",
    )
    return _done(await commands.run(user, command))


@router.patch("/{chat_id}/messages/{message_id}")
async def patch_message(
    chat_id: Id,
    message_id: Id,
    body: MessageChange,
    user: CurrentUser,
    commands: CommandsDep,
    op: IdempotencyKey = None,
) -> Done:
    """Edits a message. With `base`, edits that came since are kept; without, the content replaces what is there."""
    update = TextUpdate(id=chat_id, message_id=message_id, **body.model_dump())
    return _done(await commands.run(user, UpdateChat(type="chat_update", op=op, chat=update)))


@router.delete("/{chat_id}/messages/{message_id}")
async def delete_message(
    chat_id: Id, message_id: Id, user: CurrentUser, commands: CommandsDep, op: IdempotencyKey = None
) -> Done:
    """Removes a message; it can be restored."""
    target = MessageTarget(id=chat_id, message_id=message_id)
    return _done(await commands.run(user, RemoveMessage(type="message_remove", op=op, chat=target)))


@router.post("/{chat_id}/messages/{message_id}/restore")
async def restore_message(
    chat_id: Id, message_id: Id, user: CurrentUser, commands: CommandsDep, op: IdempotencyKey = None
) -> Done:
    target = MessageTarget(id=chat_id, message_id=message_id)
    return _done(await commands.run(user, RestoreMessage(type="message_restore", op=op, chat=target)))


@router.post("/{chat_id}/messages/{message_id}/move")
async def move_message(
    chat_id: Id,
    message_id: Id,
    body: MoveTo,
    user: CurrentUser,
    commands: CommandsDep,
    op: IdempotencyKey = None,
) -> Done:
    """Puts a message behind another one, or with `after` null at the beginning."""
    target = MessageTarget(id=chat_id, message_id=message_id)
    command = MoveMessage(type="message_move", op=op, chat=target, after=body.after)
    return _done(await commands.run(user, command))


@router.post("/{chat_id}/messages/{message_id}/select")
async def select_message(
    chat_id: Id, message_id: Id, user: CurrentUser, commands: CommandsDep, op: IdempotencyKey = None
) -> Done:
    """Shows the branch that goes through this message."""
    target = MessageTarget(id=chat_id, message_id=message_id)
    return _done(await commands.run(user, SelectBranch(type="branch_select", op=op, chat=target)))


def _id(outcome: Outcome, name: str) -> int:
    value = outcome.result[name]
    assert isinstance(value, int)
    return value


def _done(outcome: Outcome) -> Done:
    message_id = _id(outcome, "messageId") if "messageId" in outcome.result else None
    return Done(channel=outcome.channel, offset=outcome.offset, chat_id=_id(outcome, "chatId"), message_id=message_id)
