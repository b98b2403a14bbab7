"""The one place that answers: may this person see or change this chat?"""

from dataclasses import dataclass
from typing import Literal, assert_never, cast

from sqlalchemy import Connection, bindparam, select

from chatsynth.database.prepared import Prepared
from chatsynth.features.chats.tables import members
from chatsynth.features.chats.wire import ChatRef, MemberRole, MessageRef
from chatsynth.log.ops import Outcome, named_change
from chatsynth.realtime.errors import ErrorCode, Refused

Right = Literal["read", "write", "own"]

NOT_FOUND = "This chat does not exist, or it is not shared with you."
MESSAGE_NOT_FOUND = "This message does not exist in this chat."
READ_ONLY = "You may read this chat but not change it."
OWNER_ONLY = "Only the owner of this chat may do this."

_MEMBERS = Prepared(select(members.c.user_id, members.c.role).where(members.c.chat_id == bindparam("chat_id")))


@dataclass(frozen=True, slots=True)
class Access:
    """A right that was found to be given, and everyone who may see the chat."""

    chat_id: int
    role: MemberRole
    roles: dict[int, MemberRole]

    @property
    def audience(self) -> frozenset[int]:
        return frozenset(self.roles)


def require(db: Connection, user_id: int, chat_id: int, right: Right) -> Access:
    """Raises Refused: `not_found` for strangers, who do not learn that the chat exists, else `forbidden`."""
    roles = roles_in(db, chat_id)
    role = roles.get(user_id)
    if role is None:
        raise Refused(ErrorCode.NOT_FOUND, NOT_FOUND)
    if not allows(role, right):
        raise Refused(ErrorCode.FORBIDDEN, OWNER_ONLY if right == "own" else READ_ONLY)
    return Access(chat_id, role, roles)


def roles_in(db: Connection, chat_id: int) -> dict[int, MemberRole]:
    return dict(cast("list[tuple[int, MemberRole]]", _MEMBERS.all(db, chat_id=chat_id)))


def allows(role: MemberRole, right: Right) -> bool:
    match right:
        case "read":
            return True
        case "write":
            return role != "viewer"
        case "own":
            return role == "owner"
        case _:
            assert_never(right)


def chat_id_of(db: Connection, user_id: int, ref: ChatRef) -> int:
    """The number of a chat that is named by number or by the `op` that created it (rule REF1)."""
    return ref if isinstance(ref, int) else _made_by(db, user_id, ref, "chatId", NOT_FOUND)


def message_id_of(db: Connection, user_id: int, ref: MessageRef) -> int:
    """The number of a message that is named by number or by the `op` that added it (rule REF1)."""
    return ref if isinstance(ref, int) else _made_by(db, user_id, ref, "messageId", MESSAGE_NOT_FOUND)


def _made_by(db: Connection, user_id: int, op: str, what: str, sentence: str) -> int:
    known = named_change(db, user_id, op)
    made = known.outcome.result.get(what) if known and isinstance(known.outcome, Outcome) else None
    if not isinstance(made, int):
        raise Refused(ErrorCode.NOT_FOUND, sentence)
    return made


def chat_channel(chat_id: int) -> str:
    return f"chat:{chat_id}"


def channel_numbered(ref: ChatRef) -> str | None:
    """The channel of a chat that is named by number."""
    return chat_channel(ref) if isinstance(ref, int) else None


def op_named(ref: ChatRef) -> str | None:
    """The `op` by which a chat is named, if it is (rule REF1)."""
    return ref if isinstance(ref, str) else None
