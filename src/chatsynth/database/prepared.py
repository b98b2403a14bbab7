"""Statements of the hot path: written with SQLAlchemy, compiled once, run on the driver's own cursor.

SQLAlchemy's execution costs about 100 µs a statement, SQLite itself 5 to 10; an edit takes eight statements.
Results are plain tuples as the driver gives them: for integers and texts only.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from sqlalchemy import ClauseElement, Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.compiler import SQLCompiler

Row = Sequence[object]


@dataclass(slots=True)
class Prepared:
    """Compiled for the dialect of the first connection that runs it; a process uses one kind of database."""

    statement: ClauseElement
    _sql: str = field(default="", init=False)
    _order: Sequence[str] = field(default=(), init=False)
    _constants: Mapping[str, object] = field(default_factory=dict, init=False)

    def run(self, db: Connection, **parameters: object) -> None:
        self._execute(db, parameters).close()

    def one(self, db: Connection, **parameters: object) -> Row | None:
        cursor = self._execute(db, parameters)
        row: Row | None = cursor.fetchone()
        cursor.close()
        return row

    def all(self, db: Connection, **parameters: object) -> Sequence[Row]:
        cursor = self._execute(db, parameters)
        rows: Sequence[Row] = cursor.fetchall()
        cursor.close()
        return rows

    def each(self, db: Connection, **parameters: object) -> Iterator[Row]:
        """Row by row, for results that may be too large to hold; ends with the iteration."""
        with closing(self._execute(db, parameters)) as cursor:
            while (row := cursor.fetchone()) is not None:
                yield row

    def _execute(self, db: Connection, parameters: Mapping[str, object]) -> DBAPICursor:
        if not self._sql:
            self._compile(db.dialect)
        values = [parameters[name] if name in parameters else self._constants[name] for name in self._order]
        cursor = db.connection.cursor()
        cursor.execute(self._sql, values)
        return cursor

    def _compile(self, dialect: Dialect) -> None:
        compiled = self.statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        self._order = compiled.positiontup or ()
        self._constants = compiled.params
        self._sql = str(compiled)
