"""Putting a backup in the place of a library, which is moved aside and never deleted.

Everything is made ready in a folder of its own first. Then the old files move aside and the new one takes its name in
one step, so an interruption leaves the old library, or the new one, and never a mixture.
"""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from chatsynth.database.backup import examine
from chatsynth.database.claim import sole_use
from chatsynth.database.contents import unseal
from chatsynth.database.copying import copy_pages, open_for_reading, replace, sync_folder
from chatsynth.database.engine import open_writer
from chatsynth.database.integrity import MEMORY
from chatsynth.database.migrate import make_folder, migrate

NUMBERS_LEFT_OUT = 1_000_000_000
"""More than any library gives within the time that is lost by going back to a backup."""


class NotRestored(Exception):
    """Nothing was changed; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Restored:
    moved_aside: Path | None


def restore(
    backup: Path, database: Path, renew: Callable[[Connection], None], *, aside: Path | None = None
) -> Restored:
    """What is there moves into the new folder `aside`, if one is given; otherwise there must be nothing.

    `renew` does what the product needs after going back in time. Raises InUse, NoBackup and NotRestored.
    """
    if aside is None:
        _refuse_to_replace(database)
    examine(backup)
    make_folder(database)
    with sole_use(database):
        if aside is None:
            _refuse_to_replace(database)
        return _restore(backup, database, renew, aside)


def _refuse_to_replace(database: Path) -> None:
    if database.exists():
        raise NotRestored(f"There is a library in {database.parent} already. With --replace it is moved aside.")


def _restore(backup: Path, database: Path, renew: Callable[[Connection], None], aside: Path | None) -> Restored:
    making = database.parent / ".restoring"
    shutil.rmtree(making, ignore_errors=True)
    try:
        ready = _make_ready(backup, making, database.name, renew)
        moved = None if aside is None else _move_aside(database, aside)
        replace(ready, database)
    except (sqlite3.Error, OSError) as failed:
        raise NotRestored(_why(failed, database.parent)) from failed
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return Restored(moved)


def _make_ready(backup: Path, making: Path, name: str, renew: Callable[[Connection], None]) -> Path:
    """A copy of the backup, at the newest schema, ready to be a library."""
    making.mkdir(mode=0o700, parents=True)
    ready = making / name
    with closing(open_for_reading(backup)) as source:
        copy_pages(source, ready)
    with closing(sqlite3.connect(ready)) as db:
        unseal(db)
        db.commit()
    migrate(ready, keep_copy=False)
    engine = open_writer(ready)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        _leave_out_numbers(connection)
        renew(connection)
        connection.exec_driver_sql("COMMIT")
    engine.dispose()
    if ready.with_name(f"{name}-wal").exists():  # the last connection writes everything into the one file
        raise NotRestored("The copy of the backup could not be completed. Please try again.")
    return ready


def _leave_out_numbers(db: Connection) -> None:
    """Clients hold numbers that were given in the time that is lost: they must never mean something else."""
    counted = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
    for name in db.exec_driver_sql(counted).scalars().all():
        known = db.exec_driver_sql("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?", (NUMBERS_LEFT_OUT, name))
        if known.rowcount == 0:
            db.exec_driver_sql("INSERT INTO sqlite_sequence(name, seq) VALUES (?, ?)", (name, NUMBERS_LEFT_OUT))


def _move_aside(database: Path, aside: Path) -> Path | None:
    """The database itself is there under both names until the new one replaces it. Its write-ahead log must go first:
    SQLite would take it for the log of whatever has the name."""
    if not database.exists():
        return None
    _empty_log(database)
    aside.mkdir(mode=0o700)
    for name in (f"{database.name}-wal", f"{database.name}-shm", "uploads", MEMORY):
        with suppress(FileNotFoundError):
            database.with_name(name).rename(aside / name)
    try:
        (aside / database.name).hardlink_to(database)
    except OSError:  # a file system without links
        database.rename(aside / database.name)
    sync_folder(aside)
    sync_folder(database.parent)
    return aside


def _empty_log(database: Path) -> None:
    """So that the file is whole by itself; a damaged one is moved aside as it is."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(database, timeout=0.0)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _why(failed: Exception, folder: Path) -> str:
    if "full" in str(failed) or "No space" in str(failed):
        return f"The disk of {folder} is full; nothing was restored."
    return f"The backup could not be restored into {folder} ({failed})."
