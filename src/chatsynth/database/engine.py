"""Connections to the SQLite file: WAL, and a commit is on the disk when it returns (promise P1)."""

import sqlite3
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from chatsynth.database.statements import counted_by
from chatsynth.kit.measure import Tally

READER_POOL_SIZE = 16
MOST_READERS = 2 * READER_POOL_SIZE
"""How many may read at the same time; one more would wait for a connection."""
CACHE_KIB = 64 * 1024


def open_writer(path: Path, statements: Tally | None = None) -> Engine:
    """An engine whose transactions take the write lock at their beginning; the caller retries while it is taken.

    What it runs is counted in `statements`.
    """
    options = {"timeout": 0.0, "factory": counted_by(statements or Tally())}
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool, connect_args=options, hide_parameters=True)
    event.listen(engine, "connect", _prepare_writer)
    return engine


def open_readers(path: Path, statements: Tally | None = None) -> Engine:
    """An engine for reads that never wait for the writer and never write; what it runs is counted in `statements`."""
    options = {"timeout": 30.0, "factory": counted_by(statements or Tally())}
    engine = create_engine(
        f"sqlite:///{path}",
        pool_size=READER_POOL_SIZE,
        max_overflow=MOST_READERS - READER_POOL_SIZE,
        connect_args=options,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_reader)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _prepare(connection: sqlite3.Connection) -> None:
    connection.isolation_level = None  # the program says BEGIN itself, so that a read transaction is one snapshot
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")


def _prepare_writer(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    _prepare(connection)
    connection.execute("PRAGMA busy_timeout = 0")


def _prepare_reader(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    _prepare(connection)
    connection.execute("PRAGMA query_only = ON")
