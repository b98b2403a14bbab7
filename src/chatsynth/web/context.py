"""What every endpoint may use: the database for reading, the writer for changing, the clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends
from sqlalchemy import Connection, Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from chatsynth.database.unit import Unit
from chatsynth.database.writer import Writer
from chatsynth.kit.clock import Clock
from chatsynth.realtime.publication import AfterCommit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    clock: Clock
    readers: Engine
    writer: Writer[AfterCommit]

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the database, for as long as the block lasts."""
        with self.readers.begin() as db:
            yield db

    async def read(self, look_up: Callable[[Connection], T]) -> T:
        return await run_in_threadpool(self._read, look_up)

    def _read(self, look_up: Callable[[Connection], T]) -> T:
        with self.reading() as db:
            return look_up(db)

    async def write(self, work: Callable[[Unit[AfterCommit]], T]) -> T:
        """Returns after the commit."""
        return await self.writer.write(work)


def context_of(connection: HTTPConnection) -> Context:
    context = connection.app.state.context
    assert isinstance(context, Context)
    return context


ContextDep = Annotated[Context, Depends(context_of)]
