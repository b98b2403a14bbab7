"""What every endpoint may use: the database for reading, the writer for changing, the clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import current_default_thread_limiter, run_sync
from fastapi import Depends
from sqlalchemy import Connection, Engine
from starlette.requests import HTTPConnection

from chatsynth.database.engine import MOST_READERS
from chatsynth.database.failures import storage_fault
from chatsynth.database.unit import Unit
from chatsynth.database.writer import Writer
from chatsynth.kit.clock import Clock
from chatsynth.realtime.publication import AfterCommit
from chatsynth.web.reading_turns import ReadingTurns

T = TypeVar("T")
QUICK_READERS = MOST_READERS // 2
SLOW_READERS = MOST_READERS - QUICK_READERS
SLOW_READERS_OF_ONE = SLOW_READERS // 4


@dataclass(frozen=True, slots=True)
class Context:
    """`read` has threads of its own: endpoints that read much (a search, a long chat) are many threads at once, and
    whoever subscribes, signs in or asks whether the server is ready does not wait for them (promise P7)."""

    clock: Clock
    readers: Engine
    writer: Writer[AfterCommit]
    _quick: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(QUICK_READERS))
    slow_turns: ReadingTurns = field(default_factory=lambda: ReadingTurns(SLOW_READERS_OF_ONE))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the database, for as long as the block lasts."""
        with self.readers.connect() as db:
            try:
                with db.begin():
                    yield db
            except Exception as failed:
                if storage_fault(failed) is not None:  # what it has in memory may be wrong too
                    db.invalidate()
                raise

    async def read(self, look_up: Callable[[Connection], T]) -> T:
        """For what is found quickly."""
        return await run_sync(self._read, look_up, limiter=self._quick)

    def _read(self, look_up: Callable[[Connection], T]) -> T:
        with self.reading() as db:
            return look_up(db)

    async def write(self, work: Callable[[Unit[AfterCommit]], T]) -> T:
        """Returns after the commit."""
        return await self.writer.write(work)


def bound_slow_readers() -> None:
    """Endpoints without `async` read on the threads of the event loop, no more than there are connections left."""
    current_default_thread_limiter().total_tokens = SLOW_READERS


def context_of(connection: HTTPConnection) -> Context:
    context = connection.app.state.context
    assert isinstance(context, Context)
    return context


ContextDep = Annotated[Context, Depends(context_of)]
