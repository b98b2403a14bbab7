"""How the server stands, for an administrator: figures, and warnings in words."""

import asyncio
import time
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from starlette.requests import HTTPConnection

from chatsynth import __version__
from chatsynth.database.integrity import Integrity, check_integrity, last_integrity_check
from chatsynth.database.migrate import version_of
from chatsynth.features.accounts.tables import users
from chatsynth.features.imports.job_counts import jobs_by_state
from chatsynth.node import Node
from chatsynth.operations.files import FileSizes, sizes_of
from chatsynth.operations.process import open_files
from chatsynth.operations.recent import Recent, RecentFigures
from chatsynth.operations.warnings import Facts, warnings_of
from chatsynth.operations.wire import (
    DatabaseHealth,
    IntegrityCheck,
    LiveHealth,
    ServerHealth,
    WriteFailure,
    WriteHealth,
)
from chatsynth.realtime.standing import standing_of


@dataclass(frozen=True, slots=True)
class _Stored:
    schema_version: str
    since_ms: int
    import_jobs: dict[str, int]


class Health:
    """Of one node, since it was made."""

    def __init__(self, node: Node) -> None:
        self.recent = RecentFigures(node)
        self._node = node
        self._started_ms = node.context.clock()
        self._started_s = time.monotonic()
        self._checking = asyncio.Lock()

    async def now(self, asked_by: HTTPConnection) -> ServerHealth:
        database = self._node.settings.database
        stored = await self._node.context.read(_look)
        integrity = await asyncio.to_thread(last_integrity_check, database)
        files, recent = sizes_of(database), self.recent.now()
        return ServerHealth(
            version=__version__,
            started_at=self._started_ms,
            now=self._node.context.clock(),
            database=_database(files, stored.schema_version),
            integrity=None if integrity is None else wire_form(integrity),
            live=self._live(recent),
            writes=self._writes(recent),
            import_jobs=stored.import_jobs,
            warnings=warnings_of(self._facts(asked_by, stored.since_ms, files, integrity, recent)),
        )

    async def check_integrity(self) -> Integrity:
        """One at a time: it reads the whole file."""
        async with self._checking:
            return await asyncio.to_thread(check_integrity, self._node.settings.database, self._node.context.clock())

    def _live(self, recent: Recent) -> LiveHealth:
        standing = standing_of(self._node.hub)
        return LiveHealth(
            connections=standing.connections,
            people=standing.people,
            subscriptions=standing.subscriptions,
            behind=standing.behind,
            outbox_bytes=standing.outbox_bytes,
            drops=recent.drops,
        )

    def _writes(self, recent: Recent) -> WriteHealth:
        writer = self._node.context.writer
        last = writer.counts.last_failure
        return WriteHealth(
            p50_ms=_milliseconds(recent.write_p50_s),
            p99_ms=_milliseconds(recent.write_p99_s),
            failures=recent.write_failures,
            waiting=writer.queue_length,
            last_failure=None if last is None else WriteFailure(at=last[0], sentence=last[1]),
        )

    def _facts(
        self, asked_by: HTTPConnection, since_ms: int, files: FileSizes, integrity: Integrity | None, recent: Recent
    ) -> Facts:
        settings, now_ms = self._node.settings, self._node.context.clock()
        opened, most = open_files()
        return Facts(
            now_ms=now_ms,
            library_since_ms=since_ms,
            files=files,
            integrity=integrity,
            recent=recent,
            clock_step_s=(now_ms - self._started_ms) / 1000 - (time.monotonic() - self._started_s),
            open_files=opened,
            most_files=most,
            comes_without_https=asked_by.url.scheme == "http" and not _is_this_machine(asked_by.url.hostname),
            comes_through_unknown_proxy="x-forwarded-for" in asked_by.headers and not settings.trust_proxy,
            metrics_are_open=settings.metrics == "open",
        )


def wire_form(found: Integrity) -> IntegrityCheck:
    return IntegrityCheck(at=found.at_ms, is_sound=found.is_sound, found=found.found)


def _look(db: Connection) -> _Stored:
    since_ms = db.execute(select(func.min(users.c.created_at))).scalar_one()
    return _Stored(version_of(db) or "", since_ms, jobs_by_state(db))


def _database(files: FileSizes, schema_version: str) -> DatabaseHealth:
    return DatabaseHealth(
        schema_version=schema_version,
        bytes=files.database_bytes,
        wal_bytes=files.wal_bytes,
        disk_free_bytes=files.disk_free_bytes,
        disk_bytes=files.disk_bytes,
    )


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


def _is_this_machine(host: str | None) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")
