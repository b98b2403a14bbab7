"""Reading a channel's log back: pages for those who are behind, and changes for an edit that comes late."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, bindparam, select

from chatsynth.database.prepared import Prepared
from chatsynth.log.append import envelope
from chatsynth.log.tables import channels, entries
from chatsynth.realtime.ports import ChannelHead, LogPage
from chatsynth.realtime.publication import Publication

PAGE_ENTRIES = 500
PAGE_BYTES = 512 * 1024

_Channel = tuple[int, str, int, int]
_CHANNEL = Prepared(
    select(channels.c.id, channels.c.epoch, channels.c.head, channels.c.pruned_to).where(
        channels.c.name == bindparam("channel")
    )
)
_PAGE = Prepared(
    select(entries.c.offset, entries.c.op, entries.c.by_user_id, entries.c.at, entries.c.body)
    .where(entries.c.channel_id == bindparam("channel_id"), entries.c.offset > bindparam("after"))
    .order_by(entries.c.offset)
    .limit(PAGE_ENTRIES)
)
_CHANGES_SINCE = Prepared(
    select(entries.c.offset, entries.c.body, entries.c.inverse)
    .join(channels, channels.c.id == entries.c.channel_id)
    .where(
        channels.c.name == bindparam("channel"),
        entries.c.offset > bindparam("base"),
        entries.c.kind == bindparam("kind"),
        entries.c.subject_id == bindparam("subject_id"),
    )
    .order_by(entries.c.offset)
)


@dataclass(frozen=True, slots=True)
class StoredChange:
    offset: int
    body: str
    inverse: str | None


@dataclass(frozen=True, slots=True)
class StoredEntry:
    kind: str
    subject_id: int
    inverse: str | None


def heads(db: Connection, names: Iterable[str]) -> dict[str, ChannelHead]:
    """The heads of those of these channels that exist."""
    rows = ((name, _CHANNEL.one(db, channel=name)) for name in names)
    return {name: ChannelHead(*cast("_Channel", row)[1:]) for name, row in rows if row is not None}


def read_page(db: Connection, channel: str, after: int) -> LogPage:
    """The entries that follow offset `after`, as many as fit a page, and the head at this moment."""
    row = _CHANNEL.one(db, channel=channel)
    if row is None:
        return LogPage((), 0)
    channel_id, epoch, head, _ = cast("_Channel", row)
    page: list[Publication] = []
    size = 0
    for entry in _PAGE.each(db, channel_id=channel_id, after=after):
        offset, op, by_user_id, at_ms, body = cast("tuple[int, str | None, int | None, int, str]", entry)
        payload = envelope(channel, offset, op, by_user_id, at_ms, body.encode())
        size += len(payload)
        if page and size > PAGE_BYTES:
            break
        page.append(Publication(channel, epoch, offset, payload))
    return LogPage(page, head)


def changes_since(db: Connection, channel: str, base: int, kind: str, subject_id: int) -> list[StoredChange]:
    """The entries of one kind about one subject that were committed after `base`, in order."""
    rows = _CHANGES_SINCE.all(db, channel=channel, base=base, kind=kind, subject_id=subject_id)
    return [StoredChange(*cast("tuple[int, str, str | None]", row)) for row in rows]


def entries_since(db: Connection, channel: str, base: int, kinds: Iterable[str]) -> list[StoredEntry]:
    """The entries of these kinds that were committed after `base`, the last one first."""
    rows = db.execute(
        select(entries.c.kind, entries.c.subject_id, entries.c.inverse)
        .join(channels, channels.c.id == entries.c.channel_id)
        .where(channels.c.name == channel, entries.c.offset > base, entries.c.kind.in_(list(kinds)))
        .order_by(entries.c.offset.desc())
    )
    return [StoredEntry(*row) for row in rows]
