"""The one writer: commands from everywhere, many in one transaction, each in its own savepoint.

A command that makes a mistake is rolled back alone and its neighbours commit. If the storage fails (disk full,
read-only file, input/output error, locked for too long), every command of the group fails, and none was acknowledged
(promise P1). Who is next is for `lanes` to say (promise P7).
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import chain
from typing import Generic, Literal, TypeVar

import structlog
from sqlalchemy import Connection, Engine

from chatsynth.database.answers import Answer, AnyFuture, is_wanted, refusal, tell
from chatsynth.database.failures import StorageFault, storage_fault, why_not_stored
from chatsynth.database.group_trace import trace_group
from chatsynth.database.lanes import Lanes
from chatsynth.database.unit import Event, Unit, Work
from chatsynth.database.writing_connection import WritingConnection
from chatsynth.kit.clock import Clock
from chatsynth.kit.measure import Histogram
from chatsynth.kit.tracing import Place, Tracer, here

T = TypeVar("T")
log = structlog.get_logger(__name__)

MOST_IN_A_GROUP = 256
GROUP_WORK_S = 0.02
GROUP_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, MOST_IN_A_GROUP)
LOCK_TIMEOUT_S = 30.0
LEAST_LOCK_WAIT_S = 0.25
"""For changes that waited for their turn longer than they may wait for the lock."""
IDLE_POLL_S = 0.1
SERVER_LANE = ""
"""The lane of what nobody in particular asked for."""
STOPPING = "The server is stopping; please send this again in a moment."


class WriteFailed(Exception):
    """The change could not be stored; nothing of it was. The sentence is for a person."""


WriteFailure = StorageFault | Literal["other"]


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
    lane: str
    asked_in: Place | None = None
    since_s: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class _Stop:
    pass


class Writer(Generic[Event]):
    """Runs on a thread of its own, which no failure ends. `publish` and `foreign_commit` are called on that thread.

    A change that cannot get the lock of the database for `lock_timeout_s` fails.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        publish: Callable[[list[Event]], None],
        foreign_commit: Callable[[Connection], None] = lambda _: None,
        lock_timeout_s: float = LOCK_TIMEOUT_S,
        tracer: Tracer | None = None,
    ) -> None:
        self.counts = WriterCounts()
        self._tracer = tracer
        self._commit_began_s = 0.0
        self._connection = WritingConnection(engine)
        self._clock = clock
        self._publish = publish
        self._foreign_commit = foreign_commit
        self._lock_timeout_s = lock_timeout_s
        self._queue: queue.SimpleQueue[_Waiting[Event] | _Stop] = queue.SimpleQueue()
        self._lanes: Lanes[_Waiting[Event]] = Lanes()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._putting = threading.Lock()
        self._stopped = False
        self._looked_in_vain = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Commits what waits, then ends."""
        with self._putting:  # nothing may come after what ends the queue: nobody would answer it
            self._stopped = True
            self._queue.put(_Stop())
        self._thread.join()

    @property
    def queue_length(self) -> int:
        return self._queue.qsize() + len(self._lanes)

    def submit(self, work: Work[Event, T], lane: str = SERVER_LANE) -> "Future[T]":
        """The future ends after the commit. It raises what `work` raised, or `WriteFailed`."""
        future: Future[object] = Future()
        self._put(_Waiting(work, future, lane, here(self._tracer)))
        return future  # type: ignore[return-value]

    def run(self, work: Work[Event, T]) -> T:
        return self.submit(work).result()

    async def write(self, work: Work[Event, T], lane: str = SERVER_LANE) -> T:
        """As `run`, for an event loop: all answers of a group arrive in one call."""
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._put(_Waiting(work, future, lane, here(self._tracer)))
        return await future  # type: ignore[return-value]

    def _put(self, item: _Waiting[Event]) -> None:
        with self._putting:
            if not self._stopped:
                self._queue.put(item)
                return
        item.future.set_exception(WriteFailed(STOPPING))

    # The thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        is_stopping = False
        while not (is_stopping and self._lanes.is_empty):
            is_stopping |= self._take_in()
            if self._connection.others_have_committed():
                self._look_at_what_others_did()
            self._commit_group()
        self._connection.close()

    def _look_at_what_others_did(self) -> None:
        """If that fails, what they did is new again to the next transaction, which does not go on without it."""
        try:
            self._foreign_commit(self._connection.db)
        except Exception as failed:  # noqa: BLE001 - whatever it is, the thread goes on
            self._connection.abandon(storage_fault(failed))
            if not self._looked_in_vain:
                said = str(failed)
                _told(lambda: log.error("looking at what others committed failed", error=said))
            self._looked_in_vain = True
        else:
            self._looked_in_vain = False

    def _take_in(self) -> bool:
        """Puts what has come into its lanes, after waiting for it if no lane has its turn; True when it is the end."""
        is_end = False
        with contextlib.suppress(queue.Empty):
            item = self._queue.get(timeout=min(IDLE_POLL_S, self._lanes.wait_s(self._now_s())))
            while True:
                if isinstance(item, _Stop):
                    is_end = True
                else:
                    self._lanes.put(item.lane, item)
                item = self._queue.get_nowait()
        return is_end

    def _now_s(self) -> float:
        """All rests are over when the writer stops."""
        return float("inf") if self._stopped else time.monotonic()

    def _commit_group(self) -> None:
        group: list[_Waiting[Event]] = []
        answers: list[Answer] = []
        events: list[Event] = []
        began_s = time.monotonic()
        try:
            self._run_group(group, answers, events)
        except Exception as failed:  # noqa: BLE001 - whatever it is, all who wait hear of it, and the next group has its turn
            list(self._turns(group))  # what the disk or the lock refuses to one, it refuses to all who wait with it
            self._fail_group(group, answers, failed)
            return
        with trace_group(self._tracer, [item.asked_in for item in group], began_s, self._commit_began_s):
            _told(lambda: self._publish(events))
        tell(answers)

    def _run_group(self, group: list[_Waiting[Event]], answers: list[Answer], events: list[Event]) -> None:
        """Fills all three as far as it gets. Commits after some work even if more wait: the first want answers."""
        turns = self._turns(group)
        first = next(turns, None)
        if first is None:
            return
        oldest_until_s = first.since_s + self._lock_timeout_s
        db = self._connection.begin(max(oldest_until_s, time.monotonic() + LEAST_LOCK_WAIT_S))
        if self._connection.others_committed_first():  # nobody else can commit from here on
            self._foreign_commit(db)
        until_s = time.monotonic() + GROUP_WORK_S
        for item in chain((first,), turns):
            answers.append(self._run_one(item, Unit(db, self._clock()), events))
            if time.monotonic() > until_s:
                break
        self._commit(group)

    def _turns(self, group: list[_Waiting[Event]]) -> Iterator[_Waiting[Event]]:
        """Whoever is next, and is then one of the group."""
        while len(group) < MOST_IN_A_GROUP:
            item = self._lanes.take(self._now_s())
            if item is None:
                return
            if is_wanted(item.future):
                group.append(item)
                yield item

    def _commit(self, group: Sequence[_Waiting[Event]]) -> None:
        self._commit_began_s = time.monotonic()
        self._connection.commit()
        done_s = time.monotonic()
        self.counts.commit_s.observe(done_s - self._commit_began_s)
        self.counts.group_size.observe(len(group))
        for item in group:
            self.counts.write_s.observe(done_s - item.since_s)

    def _run_one(self, item: _Waiting[Event], unit: Unit[Event], events: list[Event]) -> Answer:
        self._connection.mark()
        began_s = time.thread_time()  # computing only: who waits for a slow disk hogs nothing
        try:
            result = item.work(unit)
        except BaseException as raised:
            if storage_fault(raised) is not None:
                raise
            self._connection.take_back()
            return refusal(item.future, _as_error(raised))
        finally:
            self._lanes.took(item.lane, time.thread_time() - began_s, time.monotonic())
        self._connection.keep()
        events.extend(unit.after_commit)
        return Answer(item.future, result, is_error=False)

    def _fail_group(self, group: Iterable[_Waiting[Event]], answers: Iterable[Answer], failed: Exception) -> None:
        """Who was refused already hears why; all others, that nothing was stored."""
        fault = storage_fault(failed)
        self._connection.abandon(fault)
        refused = {answer.future: answer for answer in answers if answer.is_error}
        why = why_not_stored(fault)
        self.counts.failures[fault or "other"] += 1
        self.counts.last_failure = (self._clock(), why)
        told = [refused.get(item.future) or refusal(item.future, WriteFailed(why)) for item in group]
        tell(told)
        _told(lambda: log.error("commit failed", error=str(failed), changes=len(told), exc_info=fault is None))


def _as_error(raised: BaseException) -> Exception:
    """A command may end itself (by `sys.exit`, say), and not the thread that serves all others."""
    return raised if isinstance(raised, Exception) else RuntimeError(f"the command ended by {raised!r}")


def _told(tell_it: Callable[[], None]) -> None:
    """What listeners (the log too: its disk may be full) make of the news is no matter of the writer's."""
    try:
        tell_it()
    except Exception:
        with contextlib.suppress(Exception):
            log.exception("telling of a commit failed")
