"""Connections that count the statements they run: what a client costs the database is a figure, not a guess."""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Self, cast

from chatsynth.kit.measure import Tally

_Parameters = tuple[object, ...] | dict[str, object]


class _CountedConnection(sqlite3.Connection):
    tally: Tally

    def cursor(self, factory: object = None) -> sqlite3.Cursor:  # type: ignore[override]
        assert factory is None
        return super().cursor(_CountedCursor)


class _CountedCursor(sqlite3.Cursor):
    connection: _CountedConnection

    def execute(self, sql: str, parameters: object = (), /) -> Self:
        self.connection.tally.add()
        return super().execute(sql, cast("_Parameters", parameters))

    def executemany(self, sql: str, parameters: Iterable[object], /) -> Self:
        self.connection.tally.add()
        return super().executemany(sql, cast("Iterable[_Parameters]", parameters))


def counted_by(tally: Tally) -> Callable[..., sqlite3.Connection]:
    """What `sqlite3.connect` takes as its `factory`."""

    def connection(database: str, **options: object) -> sqlite3.Connection:
        made = _CountedConnection(database, **options)  # type: ignore[arg-type]
        made.tally = tally
        return made

    return connection
