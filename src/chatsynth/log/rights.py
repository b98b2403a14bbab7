"""Ends of rights, told to this process after the commit and, through the log, to every other one."""

from dataclasses import dataclass
from typing import Annotated, Literal, assert_never

from pydantic import Field, TypeAdapter
from sqlalchemy import Connection

from chatsynth.database.unit import Unit
from chatsynth.kit.wire_model import WireModel
from chatsynth.log.append import NOBODY, append
from chatsynth.log.recover import read_page
from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.publication import AfterCommit, ChannelClosed, CredentialEnded, UserEnded

RIGHTS_CHANNEL = "rights:0"
"""Nobody may subscribe to this channel: it is between processes."""

RightsChange = CredentialEnded | UserEnded | ChannelClosed


class CredentialEndedEntry(WireModel):
    type: Literal["credential_ended"] = "credential_ended"
    credential: str
    user_id: int
    code: int


class UserEndedEntry(WireModel):
    type: Literal["user_ended"] = "user_ended"
    user_id: int
    code: int


class ChannelClosedEntry(WireModel):
    type: Literal["channel_closed"] = "channel_closed"
    closed_channel: str
    user_id: int
    reason: str


_Entry = CredentialEndedEntry | UserEndedEntry | ChannelClosedEntry
_ENTRY: TypeAdapter[_Entry] = TypeAdapter(Annotated[_Entry, Field(discriminator="type")])


class _Moment(WireModel):
    at: int


@dataclass(frozen=True, slots=True)
class LoggedRightsChange:
    """Where it stands in the log, and when it was written."""

    offset: int
    at_ms: int
    change: RightsChange


def log_rights_change(unit: Unit[AfterCommit], change: RightsChange) -> None:
    """Ends the right everywhere once the caller's transaction has committed: here at once, elsewhere by the log."""
    append(unit, RIGHTS_CHANNEL, _entry_of(change), NOBODY)
    unit.after_commit.append(change)


def rights_changes_after(db: Connection, offset: int) -> tuple[list[RightsChange], int]:
    """What changed after this offset of the log, a page at most, and the offset to go on from."""
    page = logged_rights_changes_after(db, offset)
    return [each.change for each in page], page[-1].offset if page else offset


def logged_rights_changes_after(db: Connection, offset: int) -> list[LoggedRightsChange]:
    """What changed after this offset of the log, a page at most."""
    return [
        LoggedRightsChange(
            each.offset,
            _Moment.model_validate_json(each.payload).at,
            _change_of(_ENTRY.validate_json(each.payload)),
        )
        for each in read_page(db, RIGHTS_CHANNEL, offset).entries
    ]


def all_rights_changes_after(db: Connection, offset: int) -> list[LoggedRightsChange]:
    found: list[LoggedRightsChange] = []
    while page := logged_rights_changes_after(db, offset):
        found.extend(page)
        offset = page[-1].offset
    return found


def _entry_of(change: RightsChange) -> _Entry:
    match change:
        case CredentialEnded(credential, user_id, code):
            return CredentialEndedEntry(credential=credential, user_id=user_id, code=code)
        case UserEnded(user_id, code):
            return UserEndedEntry(user_id=user_id, code=code)
        case ChannelClosed(channel, user_id, reason):
            return ChannelClosedEntry(closed_channel=channel, user_id=user_id, reason=reason)
        case _:
            assert_never(change)


def _change_of(entry: _Entry) -> RightsChange:
    match entry:
        case CredentialEndedEntry():
            return CredentialEnded(entry.credential, entry.user_id, CloseCode(entry.code))
        case UserEndedEntry():
            return UserEnded(entry.user_id, CloseCode(entry.code))
        case ChannelClosedEntry():
            return ChannelClosed(entry.closed_channel, entry.user_id, entry.reason)
        case _:
            assert_never(entry)
