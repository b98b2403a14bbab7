"""The writer's connection: opened when it is needed, and thrown away when a failure may have broken it."""

import contextlib
import sqlite3
import time

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from chatsynth.database.failures import StorageFault, storage_fault
from chatsynth.database.prepared import Prepared

log = structlog.get_logger(__name__)
LOCK_RETRY_S = 0.002

_SAVEPOINT = Prepared(text("SAVEPOINT one"))
_RELEASE_SAVEPOINT = Prepared(text("RELEASE one"))
_ROLLBACK_TO_SAVEPOINT = Prepared(text("ROLLBACK TO one"))
_DATA_VERSION = Prepared(text("PRAGMA data_version"))


class WritingConnection:
    """Any method may raise what SQLite says; after that, `abandon` makes it usable for the next transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._db: Connection | None = None
        self._others_version: object = None

    def begin(self, until_s: float) -> Connection:
        """Takes the write lock, or raises once `until_s` (as `time.monotonic` counts) is over."""
        db = self._opened()
        begin_immediate(db, until_s)
        return db

    @property
    def db(self) -> Connection:
        return self._opened()

    def commit(self) -> None:
        self._opened().exec_driver_sql("COMMIT")

    def mark(self) -> None:
        """What follows can be taken back alone."""
        _SAVEPOINT.run(self._opened())

    def keep(self) -> None:
        _RELEASE_SAVEPOINT.run(self._opened())

    def take_back(self) -> None:
        """Raises if the transaction is over: then nothing of it can be kept."""
        _ROLLBACK_TO_SAVEPOINT.run(self._opened())
        _RELEASE_SAVEPOINT.run(self._opened())

    def abandon(self, fault: StorageFault | None) -> None:
        """Ends the transaction. A file that was read-only when it was opened stays so, and after an error of the disk
        nobody knows what a connection still holds: unless others had the lock, the next one begins anew."""
        with contextlib.suppress(sqlite3.Error, SQLAlchemyError):
            self._opened().exec_driver_sql("ROLLBACK")
        if fault is not StorageFault.BUSY:
            self.close()

    def close(self) -> None:
        db, self._db, self._others_version = self._db, None, None
        if db is not None:
            with contextlib.suppress(sqlite3.Error, SQLAlchemyError):
                db.close()

    def others_have_committed(self) -> bool:
        """As `others_committed_first`, outside of a transaction; never raises."""
        try:
            return self.others_committed_first()
        except (sqlite3.Error, SQLAlchemyError) as failed:
            self.abandon(storage_fault(failed))
            return False

    def others_committed_first(self) -> bool:
        """`data_version` changes for a connection only if another one committed; a new connection cannot know."""
        row = _DATA_VERSION.one(self._opened())
        version = row[0] if row else None
        changed = version != self._others_version
        self._others_version = version
        return changed

    def _opened(self) -> Connection:
        if self._db is None:
            self._db = self._engine.connect()
        return self._db


def begin_immediate(db: Connection, until_s: float) -> None:
    """Takes the write lock, trying again every 2 ms: another process writes in short transactions with pauses, and
    SQLite's own busy handler would sleep up to 100 ms and starve beside it."""
    while True:
        try:
            db.exec_driver_sql("BEGIN IMMEDIATE")
            return
        except OperationalError as failed:
            if storage_fault(failed) is not StorageFault.BUSY or time.monotonic() > until_s:
                raise
            time.sleep(LOCK_RETRY_S)
