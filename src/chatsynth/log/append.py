"""Appending to a channel's log in the caller's transaction; the offset is taken with the row that orders it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from pydantic_core import to_json
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or_ignore

from chatsynth.database.prepared import Prepared
from chatsynth.database.unit import Unit
from chatsynth.kit.ids import random_id
from chatsynth.kit.wire_model import WireModel
from chatsynth.log.tables import channels, entries
from chatsynth.realtime.publication import AfterCommit, PlainForm, Publication


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who made a change, and the name that their client gave it."""

    user_id: int | None
    op: str | None = None


NOBODY = Authorship(None)

_TAKE_OFFSET = Prepared(
    update(channels)
    .where(channels.c.name == bindparam("channel"))
    .values(head=channels.c.head + 1)
    .returning(channels.c.id, channels.c.epoch, channels.c.head)
)
_INSERT_ENTRY = Prepared(insert(entries))


def append(
    unit: Unit[AfterCommit],
    channel: str,
    body: WireModel,
    by: Authorship,
    *,
    subject_id: int | None = None,
    inverse: str | None = None,
    plain: PlainForm | None = None,
) -> int:
    """Writes the entry at the next offset of `channel`, which is returned; it is published after the commit.

    `subject_id` is what the entry is about, for finding the entries that a late change must be rebased over.
    `inverse` undoes the change and is kept beside it, so that any earlier text and order can be recovered.
    """
    channel_id, epoch, offset = _take_offset(unit, channel)
    body_json = body.wire_json()
    _INSERT_ENTRY.run(
        unit.db,
        channel_id=channel_id,
        offset=offset,
        kind=getattr(body, "type"),  # noqa: B009
        subject_id=subject_id,
        op=by.op,
        by_user_id=by.user_id,
        at=unit.now_ms,
        body=body_json.decode(),
        inverse=inverse,
    )
    payload = envelope(channel, offset, by.op, by.user_id, unit.now_ms, body_json)
    unit.after_commit.append(Publication(channel, epoch, offset, payload, plain))
    return offset


def envelope(channel: str, offset: int, op: str | None, by_user_id: int | None, at_ms: int, body_json: bytes) -> bytes:
    """The entry as it is pushed and replayed: where it stands in the log, then its body (rule ENT1)."""
    place = {"channel": channel, "offset": offset, "op": op, "by": by_user_id, "at": at_ms}
    return to_json(place)[:-1] + b"," + body_json[1:]


def _take_offset(unit: Unit[AfterCommit], channel: str) -> tuple[int, str, int]:
    row = _TAKE_OFFSET.one(unit.db, channel=channel)
    if row is None:
        create_channel(unit.db, channel)
        row = _TAKE_OFFSET.one(unit.db, channel=channel)
    return cast("tuple[int, str, int]", row)


def create_channel(db: Connection, channel: str, epoch: Callable[[], str] = random_id) -> None:
    """A new, empty log; nothing happens if it exists."""
    db.execute(insert_or_ignore(channels).values(name=channel, epoch=epoch(), head=0).on_conflict_do_nothing())


def channel_position(db: Connection, channel: str) -> tuple[str, int]:
    """Epoch and head; a log that has no entry yet has an empty epoch and stands at 0."""
    row = db.execute(select(channels.c.epoch, channels.c.head).where(channels.c.name == channel)).one_or_none()
    return ("", 0) if row is None else (row.epoch, row.head)
