"""`/api/chats/{id}/members`: who may see and edit a chat."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import StringConstraints

from chatsynth.features.accounts.current_user import CurrentUser, ReadingUser
from chatsynth.features.chats.access import require
from chatsynth.features.chats.snapshot import members_of
from chatsynth.features.chats.wire import ChatTarget, Member
from chatsynth.features.sharing.wire import ShareChat, UnshareChat
from chatsynth.kit.wire_model import Id, WireModel
from chatsynth.web.commands import CommandsDep, IdempotencyKey
from chatsynth.web.context import ContextDep

router = APIRouter(prefix="/api/chats/{chat_id}/members", tags=["sharing"])


class Share(WireModel):
    email: Annotated[str, StringConstraints(min_length=3, max_length=320)]
    role: Literal["editor", "viewer"]


class Members(WireModel):
    items: tuple[Member, ...]


@router.get("")
def get_members(chat_id: Id, user: ReadingUser, context: ContextDep) -> Members:
    with context.reading() as db:
        require(db, user.user_id, chat_id, "read")
        return Members(items=members_of(db, chat_id))


@router.put("")
async def put_member(
    chat_id: Id,
    body: Share,
    user: CurrentUser,
    context: ContextDep,
    commands: CommandsDep,
    op: IdempotencyKey = None,
) -> Members:
    """Shares the chat with another account of this server, or changes what that account may do."""
    share = ShareChat(type="chat_share", op=op, chat=ChatTarget(id=chat_id), email=body.email, role=body.role)
    await commands.run(user, share)
    return await context.read(lambda db: Members(items=members_of(db, chat_id)))


@router.delete("/{user_id}", status_code=204)
async def delete_member(
    chat_id: Id, user_id: Id, user: CurrentUser, commands: CommandsDep, op: IdempotencyKey = None
) -> None:
    """Takes the right back; open connections of that person lose the chat at once."""
    target = ChatTarget(id=chat_id)
    await commands.run(user, UnshareChat(type="chat_unshare", op=op, chat=target, user_id=user_id))
