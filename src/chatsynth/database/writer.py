"""The one writer: commands from everywhere, many in one transaction, each in its own savepoint.

A command that fails is rolled back alone and its neighbours commit. If the commit itself fails (disk full, read-only
file, input/output error), every command of the group fails, and none was acknowledged (promise P1).
"""

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from chatsynth.database.answers import Answer, AnyFuture, is_wanted, refusal, tell
from chatsynth.database.prepared import Prepared
from chatsynth.database.unit import Event, Unit, Work
from chatsynth.kit.clock import Clock
from chatsynth.kit.measure import Histogram

T = TypeVar("T")
_SAVEPOINT = Prepared(text("SAVEPOINT one"))
_RELEASE_SAVEPOINT = Prepared(text("RELEASE one"))
_ROLLBACK_TO_SAVEPOINT = Prepared(text("ROLLBACK TO one"))
log = structlog.get_logger(__name__)

MOST_IN_A_GROUP = 256
GROUP_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, MOST_IN_A_GROUP)
LOCK_RETRY_S = 0.002
LOCK_TIMEOUT_S = 30.0
IDLE_POLL_S = 0.1


class WriteFailed(Exception):
    """The change could not be stored; nothing of it was. The sentence is for a person."""


WriteFailure = Literal["disk_full", "read_only", "locked", "other"]


@dataclass(slots=True)
class WriterCounts:
    """Since the start of the process; the writer's thread writes them, others read."""

    group_size: Histogram = field(default_factory=lambda: Histogram(GROUP_SIZES))
    commit_s: Histogram = field(default_factory=Histogram)
    """How long the statement COMMIT took: the disk."""
    write_s: Histogram = field(default_factory=Histogram)
    """From when a change was handed to the writer until it was on disk."""
    failures: Counter[WriteFailure] = field(default_factory=Counter)
    last_failure: tuple[int, str] | None = None
    """When, and the sentence."""


@dataclass(slots=True)
class _Waiting(Generic[Event]):
    work: Work[Event, object]
    future: AnyFuture
    since_s: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class _Stop:
    pass


class Writer(Generic[Event]):
    """Runs on a thread of its own. `publish` and `foreign_commit` are called on that thread."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        publish: Callable[[list[Event]], None],
        foreign_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self.counts = WriterCounts()
        self._engine = engine
        self._clock = clock
        self._publish = publish
        self._foreign_commit = foreign_commit
        self._queue: queue.SimpleQueue[_Waiting[Event] | _Stop] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._stopped = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Commits what waits, then ends."""
        self._stopped = True
        self._queue.put(_Stop())
        self._thread.join()

    @property
    def queue_length(self) -> int:
        return self._queue.qsize()

    def submit(self, work: Work[Event, T]) -> "Future[T]":
        """The future ends after the commit. It raises what `work` raised, or `WriteFailed`."""
        future: Future[object] = Future()
        self._put(_Waiting(work, future))
        return future  # type: ignore[return-value]

    def run(self, work: Work[Event, T]) -> T:
        return self.submit(work).result()

    async def write(self, work: Work[Event, T]) -> T:
        """As `run`, for an event loop: all answers of a group arrive in one call."""
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._put(_Waiting(work, future))
        return await future  # type: ignore[return-value]

    def _put(self, item: _Waiting[Event]) -> None:
        if self._stopped:
            stopping = WriteFailed("The server is stopping; please send this again in a moment.")
            item.future.set_exception(stopping)
        else:
            self._queue.put(item)

    # The thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        with self._engine.connect() as db:
            versions = _ForeignCommits(db)
            while True:
                group, stop = self._next_group()
                if versions.came():
                    self._foreign_commit()
                if group:
                    self._commit_group(db, group)
                if stop:
                    return

    def _next_group(self) -> tuple[list[_Waiting[Event]], bool]:
        group: list[_Waiting[Event]] = []
        with contextlib.suppress(queue.Empty):
            item = self._queue.get(timeout=IDLE_POLL_S)
            while True:
                if isinstance(item, _Stop):
                    return group, True
                group.append(item)
                if len(group) >= MOST_IN_A_GROUP:
                    break
                item = self._queue.get_nowait()
        return group, False

    def _commit_group(self, db: Connection, group: Iterable[_Waiting[Event]]) -> None:
        answers: list[Answer] = []
        events: list[Event] = []
        waiting = [item for item in group if is_wanted(item.future)]
        try:
            begin_immediate(db)
            answers.extend(self._run_one(db, item, events) for item in waiting)
            self._commit(db, waiting)
        except (DBAPIError, sqlite3.Error, WriteFailed) as failed:
            self._fail_group(db, waiting, answers, failed)
            return
        self._publish(events)
        tell(answers)

    def _commit(self, db: Connection, group: list[_Waiting[Event]]) -> None:
        began_s = time.monotonic()
        db.exec_driver_sql("COMMIT")
        done_s = time.monotonic()
        self.counts.commit_s.observe(done_s - began_s)
        self.counts.group_size.observe(len(group))
        for item in group:
            self.counts.write_s.observe(done_s - item.since_s)

    def _run_one(self, db: Connection, item: _Waiting[Event], events: list[Event]) -> Answer:
        unit: Unit[Event] = Unit(db, self._clock())
        _SAVEPOINT.run(db)
        try:
            result = item.work(unit)
        except (OperationalError, sqlite3.OperationalError):
            raise
        except Exception as refused:  # noqa: BLE001 - whatever one command raises is that command's own answer
            _ROLLBACK_TO_SAVEPOINT.run(db)
            _RELEASE_SAVEPOINT.run(db)
            return refusal(item.future, refused)
        _RELEASE_SAVEPOINT.run(db)
        events.extend(unit.after_commit)
        return Answer(item.future, result, is_error=False)

    def _fail_group(
        self, db: Connection, group: list[_Waiting[Event]], answers: Iterable[Answer], failed: Exception
    ) -> None:
        """Who was refused already hears why; all others, that nothing was stored."""
        log.error("commit failed", error=str(failed), changes=len(group))
        with contextlib.suppress(DBAPIError, sqlite3.Error):
            db.exec_driver_sql("ROLLBACK")
        refused = {answer.future: answer for answer in answers if answer.is_error}
        why = why_not_stored(failed)
        self.counts.failures[_kind_of(failed)] += 1
        self.counts.last_failure = (self._clock(), why)
        tell(refused.get(item.future) or refusal(item.future, WriteFailed(why)) for item in group)


def begin_immediate(db: Connection) -> None:
    """Takes the write lock, trying again every 2 ms: another process writes in short transactions with pauses, and
    SQLite's own busy handler would sleep up to 100 ms and starve beside it."""
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            db.exec_driver_sql("BEGIN IMMEDIATE")
            return
        except OperationalError as locked:
            if "locked" not in str(locked) or time.monotonic() > deadline:
                raise
            time.sleep(LOCK_RETRY_S)


_WHY: dict[WriteFailure, str] = {
    "disk_full": "The disk of the server is full. Your change was not stored; it is kept and can be sent again.",
    "read_only": "The database of the server is read-only. Your change was not stored; it can be sent again.",
    "locked": "The database is busy with another program. Your change was not stored; it can be sent again.",
    "other": "The server could not write to its disk. Your change was not stored; it can be sent again.",
}


def why_not_stored(failed: Exception) -> str:
    return _WHY[_kind_of(failed)]


def _kind_of(failed: Exception) -> WriteFailure:
    text = str(failed).lower()
    if "full" in text:
        return "disk_full"
    if "readonly" in text or "read-only" in text:
        return "read_only"
    return "locked" if "locked" in text else "other"


class _ForeignCommits:
    """Notices commits of other processes: `data_version` changes for a connection only if another one committed."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._version = self._read()

    def _read(self) -> int:
        with contextlib.suppress(DBAPIError, sqlite3.Error):
            return int(self._db.exec_driver_sql("PRAGMA data_version").scalar_one())
        return -1

    def came(self) -> bool:
        version = self._read()
        changed = version != self._version
        self._version = version
        return changed
