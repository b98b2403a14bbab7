"""The shape of a database: its tables with their columns, keys, indexes, triggers; compared with what it should be."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from chatsynth.database.contents import SEAL
from chatsynth.database.migrate import migrate

Shape = Mapping[str, object]
"""Each thing by a name for people: `column chats.title` has these properties."""


def shape_differences(db: sqlite3.Connection) -> list[str]:
    """What is missing, what is different and what should not be there, as sentences."""
    found, expected = _shape(db), _expected()
    missing = [f"{name} is missing" for name in expected if name not in found]
    both = sorted(expected.keys() & found.keys())
    different = [f"{name} is not as it should be" for name in both if found[name] != expected[name]]
    strange = [f"{name} does not belong there" for name in found if name not in expected]
    return [*missing, *different, *strange]


@cache
def _expected() -> Shape:
    """That of a library that has just been made."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "new.sqlite3"
        migrate(path)
        with closing(sqlite3.connect(path)) as db:
            return _shape(db)


def _shape(db: sqlite3.Connection) -> Shape:
    named = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name != ? ORDER BY type DESC, name"
    found: dict[str, object] = {}
    for kind, name, table, sql in db.execute(named, (SEAL,)).fetchall():
        if kind == "table":
            found.update(_table(db, name, sql))
        elif sql is not None:  # an index of a key or of a uniqueness is shown by its table
            found[f"the {kind} {name} of {table}"] = _normal(sql)
    return found


def _table(db: sqlite3.Connection, name: str, sql: str) -> Iterator[tuple[str, object]]:
    is_virtual = sql.upper().startswith("CREATE VIRTUAL")
    yield f"the table {name}", _normal(sql) if is_virtual else _traits(sql)
    for _, column, type_, not_null, default, key, hidden in db.execute(f'PRAGMA table_xinfo("{name}")'):
        yield f"the column {name}.{column}", (type_, not_null, default, key, hidden)
    keys = db.execute(f'PRAGMA foreign_key_list("{name}")').fetchall()
    for _, _, target, column, target_column, _, on_delete, _ in keys:
        yield f"the foreign key {name}.{column}", (target, target_column, on_delete)
    for _, index, is_unique, origin, _ in db.execute(f'PRAGMA index_list("{name}")').fetchall():
        if origin == "u":
            columns = [row[2] for row in db.execute(f'PRAGMA index_info("{index}")')]
            yield f"the uniqueness of {name}.{'+'.join(columns)}", is_unique


def _traits(sql: str) -> tuple[bool, bool]:
    return "AUTOINCREMENT" in sql.upper(), "WITHOUT ROWID" in sql.upper()


def _normal(sql: str) -> str:
    return re.sub(r"\s+", " ", sql.replace('"', "")).strip()
