"""Carries out one job: checks the file, then imports it in short transactions, each of them with its progress.

A process that dies leaves rows and progress of the same transaction, so another one goes on exactly there.
"""

import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from chatsynth.database.unit import Unit
from chatsynth.database.writer import WriteFailed
from chatsynth.features.imports.batches import Batch, batches
from chatsynth.features.imports.errors import ExportError
from chatsynth.features.imports.job_record import JobRecord, record_of
from chatsynth.features.imports.known import key_of, known_chats
from chatsynth.features.imports.leases import LeaseLost, keep_lease, release
from chatsynth.features.imports.limits import Limits
from chatsynth.features.imports.pacing import Pace
from chatsynth.features.imports.pieces import PreparedPiece, prepare
from chatsynth.features.imports.reader import Export, Found, Summary, check_export, open_export
from chatsynth.features.imports.report import Tally, why_empty
from chatsynth.features.imports.service import end, row_of
from chatsynth.features.imports.store import Stored, store
from chatsynth.features.imports.wire import ImportState, Progress
from chatsynth.realtime.publication import AfterCommit
from chatsynth.web.context import Context

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 3
SAVE_INTERVAL_S = 0.3
MOST_IGNORED = 50
CACHE_KIB = 16 * 1024
"""Of SQLite, for the writer: rows are only added, so a larger one would be filled with what is never read again."""
KEPT_DYING = "The import ended unexpectedly several times at the same place, so it was given up."
MISTAKE = "The server made a mistake with this file and gave up. What was imported until then is complete."
NO_MEMORY = "The server has not enough memory for this file."

Wish = Literal["go on", "stop", "cancel"]
"""What the process is asked from outside: "stop" leaves the job for another process."""


class _Cancelled(Exception):
    pass


class _Stopped(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Progressed:
    """Reported after each transaction."""

    state: ImportState
    progress: Progress


class Runner:
    """One job, for a process that holds its lease."""

    def __init__(
        self,
        context: Context,
        job_id: int,
        lease: str,
        *,
        wish: Callable[[], Wish] = lambda: "go on",
        on_progress: Callable[[Progressed], None] = lambda _: None,
        limits: Limits | None = None,
    ) -> None:
        self._context = context
        self._lease = lease
        self._wish = wish
        self._on_progress = on_progress
        self._limits = limits or Limits()
        self._pace = Pace()
        with context.reading() as db:
            self._row = row_of(db, job_id)
        self._job_id = job_id
        self.path = Path(self._row["path"])
        self.keeps_file = bool(self._row["keeps_file"])
        self._state: ImportState = self._row["state"]
        self._record = record_of(self._row)
        self._writing: Future[tuple[JobRecord, bool]] | None = None
        self._cancel_asked = False
        self._saved_at = 0.0

    def run(self) -> ImportState | None:
        """How the job ended; None when it goes on in another process."""
        try:
            self._work()
        except LeaseLost:
            log.warning("import taken over by another process", job=self._job_id)
            return None
        except _Stopped:
            self._save(self._record.changed(attempts=0))
            self._context.writer.run(lambda unit: release(unit, self._lease))
            return None
        except _Cancelled:
            return self._end("cancelled")
        except (ExportError, WriteFailed, MemoryError, OSError) as failed:
            return self._end("failed", _sentence(failed))
        except Exception as mistake:  # noqa: BLE001 - whatever it was, the job has to end
            log.error("import failed", job=self._job_id, error=_without_contents(mistake))
            return self._end("failed", MISTAKE)
        return self._end_by_result()

    def _work(self) -> None:
        self._context.writer.run(lambda unit: unit.db.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}"))
        attempts = self._record.attempts + 1
        self._save(self._record.changed(attempts=attempts))
        if attempts > MOST_ATTEMPTS:
            raise ExportError("keeps-dying", KEPT_DYING)
        if self._state != "importing":
            self._check()
        self._import()

    def _end_by_result(self) -> ImportState | None:
        empty = why_empty(self._record.report)
        return self._end("done") if empty is None else self._end("failed", empty)

    def _end(self, state: ImportState, error: str | None = None) -> ImportState | None:
        def work(unit: Unit[AfterCommit]) -> None:
            keep_lease(unit, self._job_id, self._lease)
            end(unit, self._row, self._record, state, error)

        try:
            self._context.writer.run(work)
        except LeaseLost:
            return None
        self._on_progress(Progressed(state, self._record.progress))
        return state

    # Checking -----------------------------------------------------------------------------------

    def _check(self) -> None:
        """Reads the whole file, so that a broken one changes nothing."""
        self._state = "checking"

        def report(position: int, total: int) -> None:
            self._save_sometimes(self._record.changed(progress=Progress(bytes_done=position, bytes_total=total)))

        summary = check_export(self.path, self._limits, report)
        self._state = "importing"
        self._save(_begun(self._record, summary))

    def _save(self, record: JobRecord) -> None:
        self._committed(record, self._context.writer.run(lambda unit: self._keep(unit, record)))

    def _save_sometimes(self, record: JobRecord) -> None:
        """Keeps the lease while nothing is imported, and notices what is wished."""
        if time.monotonic() - self._saved_at > SAVE_INTERVAL_S:
            self._save(record)
            self._obey()

    def _keep(self, unit: Unit[AfterCommit], record: JobRecord) -> bool:
        return keep_lease(unit, self._job_id, self._lease, state=self._state, progress=record.wire_json().decode())

    def _committed(self, record: JobRecord, cancel_asked: bool) -> None:
        self._record = record
        self._cancel_asked = cancel_asked
        self._saved_at = time.monotonic()
        self._on_progress(Progressed(self._state, record.progress))

    def _obey(self) -> None:
        """A chat that is begun is imported to its end, unless another process is to go on with it."""
        wish = self._wish()
        if self._record.open_chat is None and (self._cancel_asked or wish == "cancel"):
            raise _Cancelled
        if wish == "stop":
            raise _Stopped

    # Importing ----------------------------------------------------------------------------------

    def _import(self) -> None:
        """While one batch is written, the next one is read."""
        with open_export(self.path, self._limits) as export:
            try:
                for batch, pieces in self._prepared(export):
                    self._settle()
                    self._obey()
                    self._pace.leave_room()
                    self._writing = self._context.writer.submit(self._writes(batch, pieces))
                    self._writing.add_done_callback(lambda _: self._pace.committed())
            finally:
                self._settle()

    def _settle(self) -> None:
        """Waits until what is being written is committed."""
        writing, self._writing = self._writing, None
        if writing is not None:
            self._committed(*writing.result())

    def _unread(self, export: Export) -> Iterator[Found]:
        items_done = self._record.items_done
        for index, found in enumerate(export.conversations()):
            if index >= items_done:
                yield found
            else:
                self._save_sometimes(self._record)

    def _prepared(self, export: Export) -> Iterator[tuple[Batch, list[PreparedPiece]]]:
        open_chat = self._record.open_chat
        begin_at = open_chat.messages_done if open_chat else 0
        found = self._unread(export)
        for batch in batches(found, lambda: export.position, lambda: self._pace.most_cost, begin_at):
            keys = [key_of(piece.conversation) for piece in batch.pieces]
            with self._context.reading() as db:
                known = known_chats(db, self._row["user_id"], keys)
            yield batch, [prepare(piece, known) for piece in batch.pieces]

    def _writes(
        self, batch: Batch, pieces: list[PreparedPiece]
    ) -> Callable[[Unit[AfterCommit]], tuple[JobRecord, bool]]:
        def work(unit: Unit[AfterCommit]) -> tuple[JobRecord, bool]:
            with self._pace.writing(unit.db, batch.cost):
                stored = store(unit, self._row["user_id"], pieces, self._record.open_chat)
                record = _advanced(self._record, batch, stored)
                return record, self._keep(unit, record)

        return work


def _advanced(before: JobRecord, batch: Batch, stored: Stored) -> JobRecord:
    tally = Tally(before.report)
    for outcome in stored.outcomes:
        tally.add(outcome)
    for skipped in batch.skipped:
        tally.skip(skipped)
    done = before.items_done + batch.items
    progress = before.progress.model_copy(update={"bytes_done": batch.position, "conversations_done": done})
    return before.changed(
        progress=progress, report=tally.report(), items_done=done, open_chat=stored.open_chat, attempts=0
    )


def _begun(record: JobRecord, summary: Summary) -> JobRecord:
    progress = Progress(bytes_total=summary.bytes_total, conversations_found=summary.conversations_found)
    report = record.report.model_copy(
        update={
            "platform": summary.platform,
            "not_imported": dict(summary.not_imported),
            "ignored_files_total": summary.ignored_files_total,
            "ignored_files": tuple(f"{file.name}: {file.reason}" for file in summary.ignored_files[:MOST_IGNORED]),
        }
    )
    return record.changed(progress=progress, report=report, messages_total=summary.messages_found)


def _without_contents(mistake: Exception) -> str:
    """Where it happened, without the values of variables: they are people's chats."""
    return "".join(traceback.format_exception(mistake))


def _sentence(failed: Exception) -> str:
    match failed:
        case ExportError():
            return failed.sentence
        case WriteFailed():
            return str(failed)
        case MemoryError():
            return NO_MEMORY
        case _:
            return f"The file cannot be read any more: {failed}"
