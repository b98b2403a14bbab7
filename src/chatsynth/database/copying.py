"""A copy of a database as it is at one moment, while others go on writing to it.

The copy reads inside one read transaction: in WAL mode that holds up no writer, and what is committed meanwhile is not
in the copy. It goes step by step, and what was written is brought to the disk in small portions, so that the commits of
a server never wait behind a large one.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

PAGES_IN_A_STEP = 256
STEPS_IN_A_PORTION = 16


def open_for_reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)


def copy_pages(source: sqlite3.Connection, target: Path) -> None:
    """Into a new file, in one piece without a write-ahead log. Raises sqlite3.Error or OSError."""
    on_disk = os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = OFF")  # until it is whole it has no name that anybody would open
            db.execute("PRAGMA synchronous = OFF")
            db.execute("PRAGMA cache_size = -4096")
            source.backup(db, pages=PAGES_IN_A_STEP, progress=_bring_to_disk(on_disk))
        with closing(sqlite3.connect(target, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = DELETE")
        os.fsync(on_disk)
    finally:
        os.close(on_disk)


def _bring_to_disk(on_disk: int) -> Callable[[int, int, int], None]:
    steps = 0

    def after_step(_status: int, _remaining: int, _total: int) -> None:
        nonlocal steps
        steps += 1
        if steps % STEPS_IN_A_PORTION == 0:
            os.fsync(on_disk)

    return after_step


def forget_cached(path: Path) -> None:
    """What is read next comes from the disk, where the system can do that."""
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def give_name(file: Path, name: Path) -> None:
    """The finished file gets its name at once and for good. Raises FileExistsError rather than replace anything."""
    try:
        os.link(file, name)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if name.exists():
            raise FileExistsError(name) from None
        file.rename(name)
    else:
        file.unlink()
    sync_folder(name.parent)


def replace(file: Path, name: Path) -> None:
    """The finished file takes the place of whatever had this name, at once and for good."""
    file.replace(name)
    sync_folder(name.parent)


def sync_folder(folder: Path) -> None:
    with suppress(PermissionError):  # Windows opens no folders
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def remove_unfinished(file: Path) -> None:
    for each in (file, file.with_name(f"{file.name}-journal"), file.with_name(f"{file.name}-wal")):
        each.unlink(missing_ok=True)
