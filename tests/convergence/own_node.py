"""A server without a process: the real live core, log, features and SQLite file, where each moment is a step of a test.

Between a command and its answer a server looks things up, commits, and tells of the commit. Here each of these waits
until the test says that it happens, so that a schedule can put anything between them.
"""

import asyncio
import contextlib
import queue
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, TypeVar

from sqlalchemy import Connection as Db

from chatsynth.database.engine import open_readers, open_writer
from chatsynth.database.unit import Work
from chatsynth.database.writer import SERVER_LANE, Writer
from chatsynth.kit.clock import Clock
from chatsynth.log.channels import LoggedChannels
from chatsynth.log.execute import CommandExecutor
from chatsynth.log.tailing import Tail
from chatsynth.node import COMMANDS, WHO_MAY_LISTEN, command_handlers
from chatsynth.realtime.connection import Connection
from chatsynth.realtime.frames import Command, Limits
from chatsynth.realtime.hub import Hub
from chatsynth.realtime.identity import Identity, Origin
from chatsynth.realtime.parsing import FrameParser
from chatsynth.realtime.ports import Wire
from chatsynth.realtime.publication import AfterCommit
from chatsynth.realtime.session import Session
from chatsynth.realtime.settings import LiveSettings
from chatsynth.realtime.surroundings import Surroundings

T = TypeVar("T")
TURNS_TO_REST = 12
"""How often the event loop turns after a step; what is not done by then goes on after the next."""
CROWDED = LiveSettings(
    outbox_window_bytes=6_000, reply_window_bytes=4_000, write_chunk_bytes=2_000, commands_in_flight=8, inbox_frames=16
)
"""So little room that readers fall behind and floods are held back within a short history."""


class SteppedWriter(Writer[AfterCommit]):
    """The writer without its thread. An answer is given once the commit has been told, as a server does it."""

    def __init__(self, path: Path, clock: Clock, foreign_commit: Callable[[Db], None]) -> None:
        super().__init__(open_writer(path), clock, self._committed, foreign_commit)
        self._untold: deque[tuple[list[AfterCommit], asyncio.Event]] = deque()
        self._group = asyncio.Event()

    def start(self) -> None:
        self._connection.db.exec_driver_sql("PRAGMA synchronous = OFF")  # no power is lost here

    def stop(self) -> None:
        self._stopped = True
        self._connection.close()

    def commit(self, most: int) -> None:
        """What the thread does in one turn, if no more than `most` changes have come."""
        with contextlib.suppress(queue.Empty):
            for _ in range(most):
                item = self._queue.get_nowait()
                self._lanes.put(item.lane, item)  # type: ignore[union-attr, arg-type]
        if self._connection.others_have_committed():
            self._foreign_commit(self._connection.db)
        if not self._lanes.is_empty:
            self._group = asyncio.Event()
            self._commit_group()

    def _now_s(self) -> float:
        """Nobody rests: how long a change took on this machine must not decide what happens."""
        return float("inf")

    def _committed(self, events: list[AfterCommit]) -> None:
        self._untold.append((events, self._group))

    @property
    def has_untold(self) -> bool:
        return bool(self._untold)

    @property
    def next_untold(self) -> list[AfterCommit]:
        return self._untold[0][0] if self._untold else []

    def take_untold(self) -> tuple[list[AfterCommit], asyncio.Event] | None:
        return self._untold.popleft() if self._untold else None

    @property
    def is_idle(self) -> bool:
        return self.queue_length == 0 and not self._untold

    async def write(self, work: Work[AfterCommit, T], lane: str = SERVER_LANE) -> T:
        try:
            done = await super().write(work, lane)
        except Exception:
            await self._told()  # who is cancelled, by the end of the server, waits for nothing more
            raise
        await self._told()
        return done

    async def _told(self) -> None:
        if any(group is self._group for _, group in self._untold):
            await self._group.wait()


@dataclass
class _Read(Generic[T]):
    look_up: Callable[[Db], T]
    answer: "asyncio.Future[T]"
    found: list[T] = field(default_factory=list)


class OwnNode:
    """One life of the server, from its start to its crash."""

    def __init__(self, path: Path, clock: Clock, settings: LiveSettings = CROWDED) -> None:
        self.hub = Hub()
        self.now_s = 0.0
        self.writer = SteppedWriter(path, clock, lambda _: self.tail.hint())
        self._readers = open_readers(path)
        self._reads: deque[_Read[object]] = deque()
        self.executor = CommandExecutor(
            self.writer, command_handlers(LiveSettings().max_text_units, 10**6), lambda _, __: True
        )
        self.around = Surroundings(
            hub=self.hub,
            channels=LoggedChannels(self._read_in_steps, WHO_MAY_LISTEN, lambda _, __: True),
            commands=self.executor,
            parser=FrameParser(COMMANDS, LiveSettings().max_frame_values),
            settings=settings,
            clock=clock,
        )
        self.tail = Tail(self.hub, self._read_in_steps, lambda _: (), clock)
        self._sessions = 0

    async def start(self, *, hears_of_others: bool = True) -> None:
        """One that does not hear of what other processes write has only the offsets to find out by."""
        self.writer.start()
        beginning = asyncio.ensure_future(self.tail.begin())
        while not beginning.done():
            await self.rest()
            self.look_up(0)
            self.give_answer(0)
        if hears_of_others:
            self.hub.spawn(self.tail.run(), "tail")

    async def rest(self) -> None:
        """Everything that can happen without a step has happened."""
        for _ in range(TURNS_TO_REST):
            await asyncio.sleep(0)

    def connect(self, wire: Wire, user_id: int, name: str) -> Connection:
        self._sessions += 1
        session = Session(f"s{self._sessions}", Identity(user_id, name, f"login:{user_id}", None), self._limits)
        connection = Connection(wire, session, self.around, self.now_s)
        connection.last_heard_s = float("inf")
        self.hub.add(connection)
        return connection

    @property
    def _limits(self) -> Limits:
        return self.around.settings.limits()

    def spawn_write(self, work: Work[AfterCommit, object]) -> None:
        async def write() -> None:
            await self.writer.write(work)

        self.hub.spawn(write(), "tests")

    def spawn_command(self, user_id: int, command: Command) -> None:
        """As over HTTP; nobody waits for the answer."""

        async def execute() -> None:
            await self.executor.execute(Origin(Identity(user_id, "", "token", None), "http", None), command)

        self.hub.spawn(execute(), "tests")

    async def crash(self) -> None:
        """Nothing that was not committed is left, and nobody is told anything any more."""
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self.writer.stop()
        self._readers.dispose()

    # Steps

    def commit(self, most: int) -> None:
        self.writer.commit(most)

    def tell(self) -> None:
        """The news of the oldest commit that is not told yet, and then its answers."""
        untold = self.writer.take_untold()
        if untold is not None:
            events, group = untold
            self.hub.publish(events)
            self.tail.note_own(events)
            group.set()

    def look_up(self, which: int) -> None:
        """One of the lookups that wait sees the database as it is now."""
        waiting = [each for each in self._reads if not each.found]
        if waiting:
            read = waiting[which % len(waiting)]
            read.found.append(self.read(read.look_up))

    def give_answer(self, which: int) -> None:
        """One of the lookups that were made comes back to who asked."""
        made = [each for each in self._reads if each.found]
        if made:
            read = made[which % len(made)]
            self._reads.remove(read)
            if not read.answer.done():
                read.answer.set_result(read.found[0])

    def sweep(self, later_s: float) -> None:
        self.now_s += later_s
        self.hub.sweep(self.now_s, 0, replace(self.around.settings, idle_timeout_s=1e9))

    @property
    def is_idle(self) -> bool:
        return self.writer.is_idle and not self._reads

    def read(self, look_up: Callable[[Db], T]) -> T:
        with self._readers.begin() as db:
            return look_up(db)

    async def _read_in_steps(self, look_up: Callable[[Db], T]) -> T:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._reads.append(_Read(look_up, answer))  # type: ignore[arg-type]
        return await answer
