"""Backups: one file, complete, verified after writing, and known again when it is to be restored."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from chatsynth.database.contents import digest, row_counts, seal, seal_of
from chatsynth.database.copying import copy_pages, forget_cached, give_name, open_for_reading, remove_unfinished
from chatsynth.database.integrity import SOUND, first_damage
from chatsynth.database.migrate import is_known, newest_version
from chatsynth.kit.ids import random_id

SPARE_BYTES = 16 * 1024 * 1024


class NotBackedUp(Exception):
    """No backup was made, and nothing of one is left behind."""


class NoBackup(Exception):
    """This file is no backup that can be restored; the sentence says why."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    path: Path
    version: str
    rows: Mapping[str, int]
    size_bytes: int


def back_up(database: Path, target: Path, program: str, now_ms: int, free_bytes: Callable[[Path], int]) -> BackedUp:
    """Raises NotBackedUp."""
    if target.exists():
        raise NotBackedUp(f"{target} exists already; a backup never replaces anything.")
    unfinished = target.with_name(f".{target.name}.{random_id()}.unfinished")
    try:
        _refuse_too_little_room(database, target, free_bytes)
        version, rows = _copy(database, unfinished)
        forget_cached(unfinished)
        _verify_and_seal(unfinished, rows, program, now_ms)
        give_name(unfinished, target)
    except FileExistsError as taken:
        raise NotBackedUp(f"{target} exists already; a backup never replaces anything.") from taken
    except (sqlite3.Error, OSError) as failed:
        raise NotBackedUp(_why(failed, target)) from failed
    finally:
        remove_unfinished(unfinished)
    return BackedUp(target, version, rows, target.stat().st_size)


def _refuse_too_little_room(database: Path, target: Path, free_bytes: Callable[[Path], int]) -> None:
    log = database.with_name(f"{database.name}-wal")
    needed = database.stat().st_size + (log.stat().st_size if log.exists() else 0) + SPARE_BYTES
    free = free_bytes(target.parent)
    if free < needed:
        mib = 1024**2
        raise NotBackedUp(
            f"There is not enough room in {target.parent}: the backup may need {needed // mib} MiB, "
            f"{free // mib} MiB are free."
        )


def _copy(database: Path, unfinished: Path) -> tuple[str, dict[str, int]]:
    """And what the copied moment has: the counts are read in the same read transaction."""
    with closing(open_for_reading(database)) as source:
        source.execute("BEGIN")
        version = _version(source)
        rows = row_counts(source)
        copy_pages(source, unfinished)
    return version, rows


def _version(db: sqlite3.Connection) -> str:
    row = db.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def _verify_and_seal(unfinished: Path, rows: Mapping[str, int], program: str, now_ms: int) -> None:
    with closing(sqlite3.connect(unfinished)) as copy:
        found = first_damage(copy)
        if found != SOUND:
            raise NotBackedUp(f"What was copied is damaged ({found}). `chatsynth doctor` says more about the library.")
        if row_counts(copy) != rows:
            raise NotBackedUp("What was copied has not the rows that the library had. Please try again.")
        copy.execute("PRAGMA synchronous = FULL")
        seal(copy, program, now_ms)


def examine(file: Path) -> str:
    """The version of the schema of a backup, or of another whole library. Raises NoBackup."""
    if not file.is_file():
        raise NoBackup(f"{file} is no file.")
    try:
        with closing(open_for_reading(file)) as db:
            return _examine(db, file)
    except (sqlite3.Error, UnicodeError) as failed:
        raise NoBackup(f"{file} is no backup of ChatSynth, or it is damaged ({failed}).") from failed


def _examine(db: sqlite3.Connection, file: Path) -> str:
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is None:
        raise NoBackup(f"{file} is a database, but none of ChatSynth.")
    version = _version(db)
    if not is_known(version):
        raise NoBackup(
            f"{file} was made by a newer version of ChatSynth (its schema is {version}, this program knows "
            f"{newest_version()}). Please install that version or a later one."
        )
    _refuse_damage(db, file)
    return version


def _refuse_damage(db: sqlite3.Connection, file: Path) -> None:
    found = first_damage(db)
    if found != SOUND:
        raise NoBackup(f"{file} is damaged ({found}).")
    try:
        sealed = seal_of(db)
    except ValueError as wrong:
        raise NoBackup(f"{file} is damaged ({wrong}).") from wrong
    if sealed is not None and sealed.digest != digest(db):
        raise NoBackup(f"{file} is damaged: it does not hold what was written into it.")


def _why(failed: Exception, target: Path) -> str:
    text = str(failed)
    if "full" in text or "No space" in text:
        return f"The disk of {target.parent} is full; no backup was made."
    if isinstance(failed, OSError):
        return f"{target.parent} cannot be written to ({failed.strerror}); no backup was made."
    return f"The library could not be copied to {target.parent} ({text}); no backup was made."
