"""One server process: its connections, its writer, and what keeps them going."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial

import structlog
from fastapi import FastAPI
from sqlalchemy import Connection
from starlette.requests import HTTPConnection

from chatsynth.config import Settings
from chatsynth.database.engine import open_readers, open_writer
from chatsynth.database.writer import Writer
from chatsynth.features.accounts.authentication import authenticate, is_signed_in
from chatsynth.features.chats.access import roles_in
from chatsynth.features.chats.handlers import chat_handlers
from chatsynth.features.chats.wire import CHAT_COMMANDS
from chatsynth.features.imports.jobs import ImportJobs
from chatsynth.features.notifications.allowance import Allowance
from chatsynth.features.notifications.handlers import notification_handlers
from chatsynth.features.notifications.wire import NOTIFICATION_COMMANDS
from chatsynth.features.sharing.handlers import sharing_handlers
from chatsynth.features.sharing.wire import SHARING_COMMANDS
from chatsynth.kit.clock import system_clock
from chatsynth.kit.measure import Tally
from chatsynth.kit.tracing import Place, Tracer, here
from chatsynth.log.channels import LoggedChannels, MayListen
from chatsynth.log.execute import CommandExecutor, Handlers
from chatsynth.log.prune import prunable, prune
from chatsynth.log.rights import RightsChange
from chatsynth.log.tailing import EndedRights, Tail
from chatsynth.realtime.hub import Hub
from chatsynth.realtime.identity import Identity
from chatsynth.realtime.parsing import FrameParser
from chatsynth.realtime.publication import AfterCommit
from chatsynth.realtime.surroundings import Surroundings
from chatsynth.web.context import Context, bound_slow_readers
from chatsynth.web.health import why_database_not_ready
from chatsynth.web.request_counts import RequestCounts
from chatsynth.web.security import websocket_origin_allowed

log = structlog.get_logger(__name__)

COMMANDS = (*CHAT_COMMANDS, *NOTIFICATION_COMMANDS, *SHARING_COMMANDS)
EXPIRY_INTERVAL_S = 0.1
SWEEP_INTERVAL_S = 1.0
PRUNE_INTERVAL_S = 3600.0
DAY_MS = 24 * 60 * 60 * 1000
PRUNED_KINDS = ("user", "rights")
"""A person's list and notifications have snapshots that say the same. A chat's log is its history and is kept."""


def command_handlers(max_text_units: int, notifications_per_minute: int) -> Handlers:
    allowance = Allowance(notifications_per_minute)
    return {**chat_handlers(max_text_units), **notification_handlers(allowance), **sharing_handlers(allowance)}


class Node:
    """Made before the event loop runs; `running` starts and stops everything that needs it."""

    def __init__(self, settings: Settings, tracer: Tracer | None = None) -> None:
        self.settings = settings
        self.tracer = tracer
        self.hub = Hub()
        self.requests = RequestCounts()
        self.reader_statements, self.writer_statements = Tally(), Tally()
        writer: Writer[AfterCommit] = Writer(
            open_writer(settings.database, self.writer_statements),
            system_clock,
            self._publish,
            self._foreign_commit,
            settings.lock_timeout_s,
            tracer,
        )
        self.context = Context(system_clock, open_readers(settings.database, self.reader_statements), writer)
        handlers = command_handlers(settings.live.max_text_units, settings.notifications_per_minute)
        self.executor = CommandExecutor(writer, handlers, _is_signed_in, tracer)
        self.import_jobs = ImportJobs(self.context, settings.database, settings.data_dir / "uploads")
        self.surroundings = Surroundings(
            hub=self.hub,
            channels=LoggedChannels(self.context.read, WHO_MAY_LISTEN, _is_signed_in),
            commands=self.executor,
            parser=FrameParser(COMMANDS, settings.live.max_frame_values),
            settings=settings.live,
            clock=system_clock,
        )
        self.tail = Tail(self.hub, self.context.read, self.import_jobs.states, system_clock)
        self._ended_rights = EndedRights()
        self._loop: asyncio.AbstractEventLoop = asyncio.new_event_loop()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._loop.close()
        self._loop = asyncio.get_running_loop()
        bound_slow_readers()
        self.context.writer.start()
        await self.tail.begin()
        self._ended_rights.begin(self.tail.rights_offset)
        upkeep = (
            _every(EXPIRY_INTERVAL_S, self._end_expired),
            _every(SWEEP_INTERVAL_S, self._sweep),
            _every(PRUNE_INTERVAL_S, self.prune),
            self.tail.run(),
        )
        tasks = [self._loop.create_task(work) for work in upkeep]
        await self.import_jobs.start()
        try:
            yield
        finally:
            await self.import_jobs.stop()
            for task in tasks:
                task.cancel()
            await self.hub.finish_tasks()
            await asyncio.to_thread(self.context.writer.stop)
            self.context.readers.dispose()

    async def _end_expired(self) -> None:
        self.hub.end_expired(self.context.clock())

    async def _sweep(self) -> None:
        self.hub.sweep(self._loop.time(), self.context.clock(), self.settings.live)

    async def prune(self) -> None:
        """Forgets the entries of people's lists that are older than the settings say. A chat's log is never touched."""
        before_ms = self.context.clock() - self.settings.list_history_days * DAY_MS
        for kind in PRUNED_KINDS:
            await self._prune_kind(kind, before_ms)

    async def _prune_kind(self, kind: str, before_ms: int) -> None:
        while found := await self.context.read(lambda db: prunable(db, kind, before_ms)):
            for channel_id, up_to in found:
                await self.context.write(partial(prune, channel_id=channel_id, up_to=up_to))

    # Called on the writer's thread

    def _publish(self, events: list[AfterCommit]) -> None:
        if events:
            told_in = here(self.tracer)
            self._loop.call_soon_threadsafe(self._publish_traced, events, time.monotonic(), told_in)

    def _publish_traced(self, events: list[AfterCommit], committed_s: float, told_in: Place | None) -> None:
        if self.tracer is None or told_in is None:
            self._publish_here(events, committed_s)
            return
        with self.tracer.within(told_in), self.tracer.span("publish", {"chatsynth.events": len(events)}):
            self._publish_here(events, committed_s)

    def _publish_here(self, events: list[AfterCommit], committed_s: float) -> None:
        """News are hints: if telling them fails, the log has them, the ended rights too."""
        try:
            self.hub.publish(events)
        except Exception:
            log.exception("telling of a commit failed")
            self.tail.hint()
        else:
            self.tail.note_own(events)
            took_s = time.monotonic() - committed_s
            for _ in filter(_ends_a_right, events):
                self.hub.counts.revocation_s.observe(took_s)

    def _foreign_commit(self, db: Connection) -> None:
        """Another process has committed: the rights that it ended are told before anything that follows here."""
        self._loop.call_soon_threadsafe(self.tail.hint)
        if ended := self._ended_rights.look(db):
            self._loop.call_soon_threadsafe(self.tail.tell_ended, ended)

    # For the endpoints

    async def authenticate(self, connection: HTTPConnection) -> Identity | None:
        return await authenticate(self.context, connection)

    async def is_signed_in(self, connection: HTTPConnection) -> bool:
        return await self.authenticate(connection) is not None

    def origin_allowed(self, connection: HTTPConnection) -> bool:
        return websocket_origin_allowed(connection, self.settings.allowed_origins)

    async def why_not_ready(self) -> str | None:
        if self.hub.is_draining:
            return "The server is stopping."
        return await why_database_not_ready(self.context)

    def share_with(self, app: FastAPI) -> None:
        """Puts what the endpoints' dependencies look for where they look for it."""
        app.state.node = self
        app.state.context = self.context
        app.state.executor = self.executor
        app.state.import_jobs = self.import_jobs
        app.state.accounts = self.settings.accounts


def _ends_a_right(event: AfterCommit) -> bool:
    return isinstance(event, RightsChange)


async def _every(interval_s: float, act: Callable[[], Awaitable[None]]) -> None:
    """For ever; a failure is logged and does not end it."""
    while True:
        await asyncio.sleep(interval_s)
        try:
            await act()
        except Exception:
            log.exception("upkeep failed")


def _is_signed_in(db: Connection, identity: Identity) -> bool:
    return is_signed_in(db, identity, system_clock())


def _own_channel(_: Connection, identity: Identity, user_ids: Sequence[int]) -> set[int]:
    return {identity.user_id} & set(user_ids)


def _chats_to_listen_to(db: Connection, identity: Identity, chat_ids: Sequence[int]) -> set[int]:
    return {chat_id for chat_id in chat_ids if identity.user_id in roles_in(db, chat_id)}


WHO_MAY_LISTEN: Mapping[str, MayListen] = {"chat": _chats_to_listen_to, "user": _own_channel}
