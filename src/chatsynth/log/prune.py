"""Forgetting old entries of logs that have snapshots; who was further behind loads the snapshot (rule SUB3)."""

from sqlalchemy import Connection, bindparam, delete, func, select, update

from chatsynth.database.unit import Unit
from chatsynth.log.tables import channels, entries
from chatsynth.realtime.publication import AfterCommit

MOST_CHANNELS_AT_ONCE = 100

_PRUNABLE = (
    select(channels.c.id, func.max(entries.c.offset).label("last"))
    .join(entries, entries.c.channel_id == channels.c.id)
    .where(channels.c.name.startswith(bindparam("prefix")), entries.c.at < bindparam("before_ms"))
    .group_by(channels.c.id)
    .limit(MOST_CHANNELS_AT_ONCE)
)


def prunable(db: Connection, kind: str, before_ms: int) -> list[tuple[int, int]]:
    """Some channels of this kind (`user`) that have entries older than this, each with the last such offset."""
    rows = db.execute(_PRUNABLE, {"prefix": f"{kind}:", "before_ms": before_ms})
    return [(row.id, row.last) for row in rows]


def prune(unit: Unit[AfterCommit], channel_id: int, up_to: int) -> None:
    """Removes the entries up to this offset; the head stays, so offsets are never used again."""
    unit.db.execute(delete(entries).where(entries.c.channel_id == channel_id, entries.c.offset <= up_to))
    unit.db.execute(
        update(channels).where(channels.c.id == channel_id, channels.c.pruned_to < up_to).values(pruned_to=up_to)
    )
