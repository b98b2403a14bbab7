"""What a database holds, as numbers and as one digest: by it a copy proves that nothing of it has changed."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

SEAL = "backup_seal"
"""The table that a backup has beside those of the library."""
ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Seal:
    """Written into a backup when it was verified."""

    made_at: int
    program: str
    digest: str


def row_counts(db: sqlite3.Connection) -> dict[str, int]:
    return {name: int(db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in _tables(db)}  # noqa: S608


def digest(db: sqlite3.Connection) -> str:
    """Of the schema and of every row of every table, those of the full-text indexes too.

    `ascii`, since what `repr` writes depends on the version of Unicode that Python knows.
    """
    hashed = hashlib.sha256()
    schema = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name != ? ORDER BY type, name"
    for piece in db.execute(schema, (SEAL,)):
        hashed.update(ascii(piece).encode())
    for name in _tables(db):
        hashed.update(f"\0{name}\0".encode())
        for rows in _rows(db, name):
            hashed.update(ascii(rows).encode())
    return hashed.hexdigest()


def seal(db: sqlite3.Connection, program: str, now_ms: int) -> None:
    written = json.dumps({"made_at": now_ms, "program": program, "digest": digest(db)})
    db.execute(f"CREATE TABLE {SEAL} (contents TEXT NOT NULL)")
    db.execute(f"INSERT INTO {SEAL} VALUES (?)", (written,))  # noqa: S608 - the name is this file's own
    db.commit()


def unseal(db: sqlite3.Connection) -> None:
    """What is restored is a library again."""
    db.execute(f"DROP TABLE IF EXISTS {SEAL}")


def seal_of(db: sqlite3.Connection) -> Seal | None:
    """None for a database that is no backup. Raises ValueError for a seal that is none."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (SEAL,)).fetchone() is None:
        return None
    row = db.execute(f"SELECT contents FROM {SEAL}").fetchone()  # noqa: S608
    try:
        return Seal(**json.loads(row[0]))
    except TypeError as wrong:
        raise ValueError("the seal cannot be read") from wrong


def _tables(db: sqlite3.Connection) -> list[str]:
    """Those with rows of their own: a virtual table has none."""
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name != ? ORDER BY name"
    return [str(name) for (name,) in db.execute(named, (SEAL,))]


def _rows(db: sqlite3.Connection, table: str) -> Iterator[list[tuple[object, ...]]]:
    cursor = db.execute(f'SELECT * FROM "{table}" NOT INDEXED')  # noqa: S608 - a name out of the schema
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield rows
