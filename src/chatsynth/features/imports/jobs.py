"""The server's side of imports: starts a process for each job, and tells pages how the jobs get on."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy import Connection, RowMapping, or_, select

from chatsynth.features.imports.job_record import job_of
from chatsynth.features.imports.leases import claim_next, is_unfinished, release, unfinished_paths
from chatsynth.features.imports.service import state_change
from chatsynth.features.imports.tables import imports
from chatsynth.features.imports.uploads import Uploads, discard_unneeded
from chatsynth.kit.ids import random_id
from chatsynth.realtime.publication import StateChange
from chatsynth.web.context import Context

log = structlog.get_logger(__name__)

MOST_WORKERS = 2
LOOK_INTERVAL_S = 3.0
STOP_TIMEOUT_S = 10.0
WORKER = "chatsynth.features.imports.worker"


class ImportJobs:
    """Looks for jobs when one is queued, and every few seconds: for those of processes that died."""

    def __init__(self, context: Context, database: Path, uploads: Path) -> None:
        self.uploads = Uploads(uploads)
        self._context = context
        self._database = database
        self._news = News()
        self._wanted = asyncio.Event()
        self._workers: dict[asyncio.Task[None], asyncio.subprocess.Process] = {}
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._context.read(self._news.since_last_time)  # what is new is told from here on
        self._looking = asyncio.create_task(self._keep_looking())

    async def stop(self) -> None:
        """The workers finish what they are writing; their jobs go on when a server starts again."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        watching = list(self._workers)
        for process in self._workers.values():
            with suppress(ProcessLookupError):
                process.terminate()
        if watching:
            _, late = await asyncio.wait(watching, timeout=STOP_TIMEOUT_S)
            for task in late:
                with suppress(ProcessLookupError):
                    self._workers[task].kill()
            await asyncio.gather(*late)

    def kick(self) -> None:
        """A job was queued. Called on the event loop."""
        self._wanted.set()

    def states(self, db: Connection) -> Sequence[StateChange]:
        """The jobs that have changed since the last call, for the pages of their owners."""
        return self._news.since_last_time(db)

    # Workers ------------------------------------------------------------------------------------

    async def _keep_looking(self) -> None:
        while True:
            self._wanted.clear()
            try:
                await self._start_workers()
                await self._delete_unneeded_uploads()
            except Exception:
                log.exception("looking for imports failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), LOOK_INTERVAL_S)

    async def _start_workers(self) -> None:
        while len(self._workers) < MOST_WORKERS:
            lease = f"worker:{random_id()}"
            job_id = await self._context.write(lambda unit, lease=lease: claim_next(unit, lease))  # type: ignore[misc]
            if job_id is None:
                return
            await self._start_worker(job_id, lease)

    async def _start_worker(self, job_id: int, lease: str) -> None:
        arguments = ("--job", str(job_id), "--lease", lease, "--database", str(self._database))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            WORKER,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the server's terminal is for the server, which then asks the workers
        )
        watching = asyncio.create_task(self._watch(process, job_id, lease))
        self._workers[watching] = process
        watching.add_done_callback(self._workers.pop)

    async def _watch(self, process: asyncio.subprocess.Process, job_id: int, lease: str) -> None:
        """A worker that dies leaves its job to the next look, without waiting for the end of its lease."""
        code = await process.wait()
        if code != 0:
            log.warning("import worker died", job=job_id, code=code)
        try:
            await self._context.write(lambda unit: release(unit, lease))
        except Exception:
            log.exception("the lease of an import was not released; it ends by itself", job=job_id)
        if code == 0:
            self.kick()

    async def _delete_unneeded_uploads(self) -> None:
        folders = self.uploads.settled_folders()
        if folders:
            needed = await self._context.read(unfinished_paths)
            await asyncio.to_thread(discard_unneeded, folders, needed)


class News:
    """Which jobs have changed since one last looked."""

    def __init__(self) -> None:
        self._last_id = 0
        self._running: dict[int, tuple[object, ...]] = {}

    def since_last_time(self, db: Connection) -> list[StateChange]:
        which = or_(is_unfinished(), imports.c.id > self._last_id, imports.c.id.in_(list(self._running)))
        rows = db.execute(select(imports).where(which).order_by(imports.c.id)).mappings().all()
        changed = [row for row in rows if self._running.get(row["id"]) != _face(row)]
        self._running = {row["id"]: _face(row) for row in rows if row["finished_at"] is None}
        self._last_id = max([self._last_id, *(row["id"] for row in rows)])
        return [state_change(row["user_id"], job_of(row)) for row in changed]


def _face(row: RowMapping) -> tuple[object, ...]:
    return row["state"], row["progress"]
