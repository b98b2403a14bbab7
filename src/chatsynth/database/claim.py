"""Who uses a library: everybody at once, or one alone while its files are exchanged.

The claim is a lock on a file of its own beside the database, and ends with its process however that ends.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PATIENCE_S = 5.0


class InUse(Exception):
    """Somebody else's claim stands against this one."""


@contextmanager
def shared_use(database: Path) -> Iterator[None]:
    """For whoever opens the database; as many as like. Raises InUse while one has it alone."""
    with _claim(database, PATIENCE_S) as claim:
        try:
            claim.execute("BEGIN")
            claim.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as taken:
            if "locked" not in str(taken):
                raise
            raise InUse(f"{database.parent} is being restored just now. Try again when that has ended.") from taken
        yield


@contextmanager
def sole_use(database: Path) -> Iterator[None]:
    """For whoever exchanges the files. Raises InUse while a server, an import or a command works with them."""
    with _claim(database, 0.0) as claim:
        try:
            claim.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as taken:
            if "locked" not in str(taken):
                raise
            sentence = f"A server or another command is using {database.parent}. Stop it first; nothing was changed."
            raise InUse(sentence) from taken
        yield


@contextmanager
def _claim(database: Path, patience_s: float) -> Iterator[sqlite3.Connection]:
    name = database.with_name(f"{database.name}.in-use")
    with closing(sqlite3.connect(name, timeout=patience_s, isolation_level=None, check_same_thread=False)) as claim:
        yield claim
