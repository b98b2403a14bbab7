"""Who works on a job: one process at a time, for as long as it renews its lease."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, RowMapping, or_, select, update

from chatsynth.database.unit import Unit
from chatsynth.features.imports.tables import imports
from chatsynth.features.imports.wire import ImportState
from chatsynth.realtime.publication import AfterCommit

UNFINISHED: Collection[ImportState] = ("queued", "checking", "importing")
LEASE_MS = 30_000
"""How long a process that was killed holds up its job."""


class LeaseLost(Exception):
    """Another process works on this job now."""


def claim_next(unit: Unit[AfterCommit], lease: str) -> int | None:
    """The oldest job that nobody works on, which the holder of `lease` now does."""
    free = or_(imports.c.leased_until.is_(None), imports.c.leased_until <= unit.now_ms)
    oldest = select(imports.c.id).where(is_unfinished(), free).order_by(imports.c.id).limit(1).scalar_subquery()
    claimed = update(imports).where(imports.c.id == oldest).values(leased_by=lease, leased_until=until(unit))
    return unit.db.execute(claimed.returning(imports.c.id)).scalar_one_or_none()


def keep_lease(unit: Unit[AfterCommit], job_id: int, lease: str, **values: object) -> bool:
    """Renews the lease, changes the row, and returns whether the job is to be cancelled. Raises LeaseLost."""
    mine = (imports.c.id == job_id) & (imports.c.leased_by == lease)  # the end of a job ends the lease
    kept = update(imports).where(mine).values(leased_until=until(unit), **values)
    row = unit.db.execute(kept.returning(imports.c.cancel_asked)).one_or_none()
    if row is None:
        raise LeaseLost
    return bool(row.cancel_asked)


def release(unit: Unit[AfterCommit], lease: str) -> None:
    """The job can go on at once, with whoever takes it; nothing happens if it has ended."""
    mine = (imports.c.leased_by == lease) & is_unfinished()
    unit.db.execute(update(imports).where(mine).values(leased_by=None, leased_until=None))


def unfinished_paths(db: Connection) -> set[str]:
    """Files that are still needed."""
    return set(db.execute(select(imports.c.path).where(is_unfinished())).scalars())


def is_leased(row: RowMapping, now_ms: int) -> bool:
    return row["leased_until"] is not None and row["leased_until"] > now_ms


def is_unfinished() -> ColumnElement[bool]:
    return imports.c.state.in_(UNFINISHED)


def until(unit: Unit[AfterCommit]) -> int:
    return unit.now_ms + LEASE_MS
