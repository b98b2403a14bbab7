"""Giving and taking the right to a chat, live: lists, members and open connections follow at once."""

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from chatsynth.database.unit import Unit
from chatsynth.features.accounts.channel import user_channel
from chatsynth.features.accounts.emails import normalised
from chatsynth.features.accounts.tables import users
from chatsynth.features.chats.access import Access, chat_channel, require
from chatsynth.features.chats.listing import tell_lists
from chatsynth.features.chats.repository import chat_row
from chatsynth.features.chats.snapshot import members_of
from chatsynth.features.chats.tables import members
from chatsynth.features.chats.wire import ChatUnlisted, MemberRole, MembersChanged
from chatsynth.features.notifications.allowance import Allowance
from chatsynth.features.notifications.service import notify
from chatsynth.log.append import Authorship, append
from chatsynth.log.rights import log_rights_change
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.realtime.publication import AfterCommit, ChannelClosed

NO_ACCOUNT = "There is no account with this e-mail address on this server."
IS_OWNER = "This person owns the chat."
UNSHARED = "This chat is no longer shared with you."


def share(
    unit: Unit[AfterCommit], access: Access, email: str, role: MemberRole, by: Authorship, allowance: Allowance
) -> int:
    """Gives the right, or changes it; the person is notified when it is new, out of the allowance of who shares.

    Returns the offset of the entry. Raises RateLimited: sharing and unsharing in turns would fill the other's list.
    """
    user_id = _account(unit.db, email)
    before = access.roles.get(user_id)
    if before == "owner":
        raise Refused(ErrorCode.CONFLICT, IS_OWNER)
    if before is None and by.user_id is not None:
        allowance.take(by.user_id, unit.now_ms)
    row = {"chat_id": access.chat_id, "user_id": user_id, "role": role, "created_at": unit.now_ms}
    keys = [members.c.chat_id, members.c.user_id]
    unit.db.execute(insert(members).values(row).on_conflict_do_update(index_elements=keys, set_={"role": role}))
    offset = _tell(unit, access.chat_id, by)
    if before is None:
        _notify_invited(unit, access.chat_id, user_id, by)
    return offset


def _account(db: Connection, email: str) -> int:
    """An address that cannot be one belongs to nobody, as one that nobody has."""
    try:
        address = normalised(email)
    except Refused:
        raise Refused(ErrorCode.NOT_FOUND, NO_ACCOUNT) from None
    known = select(users.c.id).where(users.c.email == address, users.c.disabled_at.is_(None))
    user_id = db.execute(known).scalar_one_or_none()
    if user_id is None:
        raise Refused(ErrorCode.NOT_FOUND, NO_ACCOUNT)
    return int(user_id)


def _notify_invited(unit: Unit[AfterCommit], chat_id: int, user_id: int, by: Authorship) -> None:
    sender = unit.db.execute(select(users.c.name).where(users.c.id == by.user_id)).scalar_one_or_none() or "Somebody"
    title = chat_row(unit.db, chat_id)["title"]
    notify(unit, user_id, "info", f"{sender} shared “{title}” with you.", f"/chats/{chat_id}")


def unshare(unit: Unit[AfterCommit], access: Access, asking_user_id: int, user_id: int, by: Authorship) -> int:
    """The owner takes anyone's right but their own; everyone else may only leave."""
    if user_id != asking_user_id:
        require(unit.db, asking_user_id, access.chat_id, "own")
    role = access.roles.get(user_id)
    if role is None:
        raise Refused(ErrorCode.NOT_FOUND, "This person is not in this chat.")
    if role == "owner":
        raise Refused(ErrorCode.CONFLICT, IS_OWNER)
    unit.db.execute(delete(members).where(members.c.chat_id == access.chat_id, members.c.user_id == user_id))
    append(unit, user_channel(user_id), ChatUnlisted(chat_id=access.chat_id), Authorship(by.user_id))
    log_rights_change(unit, ChannelClosed(chat_channel(access.chat_id), user_id, UNSHARED))
    return _tell(unit, access.chat_id, by)


def _tell(unit: Unit[AfterCommit], chat_id: int, by: Authorship) -> int:
    entry = MembersChanged(members=members_of(unit.db, chat_id))
    offset = append(unit, chat_channel(chat_id), entry, by)
    owner_id = chat_row(unit.db, chat_id)["owner_id"]
    tell_lists(unit, require(unit.db, owner_id, chat_id, "read"), by)
    return offset
