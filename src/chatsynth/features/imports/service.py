"""Import jobs: creating, listing and cancelling them, and how they end."""

from pathlib import Path

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from chatsynth.database.unit import Unit
from chatsynth.features.imports.job_record import JobRecord, job_of, record_of
from chatsynth.features.imports.leases import UNFINISHED, is_leased, is_unfinished, until
from chatsynth.features.imports.report import Tally, notes_of, sentence_of
from chatsynth.features.imports.tables import imports
from chatsynth.features.imports.wire import ImportChanged, ImportJob, ImportState, Report
from chatsynth.features.notifications.service import notify
from chatsynth.features.notifications.wire import Level
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.realtime.publication import AfterCommit, StateChange

MOST_WAITING = 20
MOST_LISTED = 100
LONGEST_FILENAME = 200

NO_SUCH_JOB = "This import does not exist."
TOO_MANY = f"You have {MOST_WAITING} imports that are not finished. Please wait until one of them is."
CANCELLED = "The import was cancelled before it came to this."
STOPPED = "The import ended before it came to this."
WITHOUT_FILE = "The library was put back to a backup, which has no uploaded files. Please import this file again."
_LEVELS: dict[ImportState, Level] = {"done": "success", "failed": "error", "cancelled": "info"}


def create_job(
    unit: Unit[AfterCommit], user_id: int, filename: str, path: Path, *, keeps_file: bool, lease: str | None = None
) -> ImportJob:
    """`keeps_file`: it is not ours to delete. With a `lease` it is the caller who works on it. Raises Refused."""
    refuse_too_many(unit.db, user_id)
    row = {
        "user_id": user_id,
        "filename": filename[:LONGEST_FILENAME],
        "path": str(path),
        "keeps_file": keeps_file,
        "state": "queued",
        "progress": JobRecord().wire_json().decode(),
        "leased_by": lease,
        "leased_until": None,
        "created_at": unit.now_ms,
    }
    if lease is not None:
        row["leased_until"] = until(unit)
    job_id = unit.db.execute(insert(imports).values(row).returning(imports.c.id)).scalar_one()
    return tell(unit, row_of(unit.db, job_id))


def refuse_too_many(db: Connection, user_id: int) -> None:
    """Raises Refused when this person may not begin another import now."""
    mine = imports.c.user_id == user_id
    waiting = db.execute(select(func.count()).where(mine, is_unfinished()).select_from(imports)).scalar_one()
    if waiting >= MOST_WAITING:
        raise Refused(ErrorCode.CONFLICT, TOO_MANY)


def jobs_of(db: Connection, user_id: int) -> tuple[ImportJob, ...]:
    """Newest first."""
    rows = db.execute(
        select(imports).where(imports.c.user_id == user_id).order_by(imports.c.id.desc()).limit(MOST_LISTED)
    )
    return tuple(job_of(row) for row in rows.mappings())


def own_job(db: Connection, user_id: int, job_id: int) -> RowMapping:
    """Raises Refused."""
    row = db.execute(select(imports).where(imports.c.id == job_id, imports.c.user_id == user_id)).mappings().first()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, NO_SUCH_JOB)
    return row


def row_of(db: Connection, job_id: int) -> RowMapping:
    return db.execute(select(imports).where(imports.c.id == job_id)).mappings().one()


def ask_cancel(unit: Unit[AfterCommit], user_id: int, job_id: int) -> ImportJob:
    """Whoever works on it ends it after its present chat; a job that nobody works on ends at once. Raises Refused."""
    row = own_job(unit.db, user_id, job_id)
    if row["state"] not in UNFINISHED:
        return job_of(row)
    if is_leased(row, unit.now_ms):
        unit.db.execute(update(imports).where(imports.c.id == job_id).values(cancel_asked=True))
        return job_of(row)
    return end(unit, row, record_of(row), "cancelled")


def end(
    unit: Unit[AfterCommit], row: RowMapping, record: JobRecord, state: ImportState, error: str | None = None
) -> ImportJob:
    """What was imported until now stays; the rest of the file counts as skipped. The person is notified."""
    report = _final_report(record, state, error)
    values = {
        "state": state,
        "progress": record.wire_json().decode(),
        "report": report.wire_json().decode(),
        "leased_by": None,
        "leased_until": None,
        "finished_at": unit.now_ms,
    }
    unit.db.execute(update(imports).where(imports.c.id == row["id"]).values(values))
    job = tell(unit, row_of(unit.db, row["id"]))
    sentence = sentence_of(job.filename, state, report)
    notify(unit, row["user_id"], _LEVELS[state], sentence, f"/imports/{job.id}")
    return job


def end_without_files(unit: Unit[AfterCommit]) -> None:
    """After a backup was put back: the files of the imports that had not ended are not part of one."""
    for row in unit.db.execute(select(imports).where(is_unfinished())).mappings().all():
        end(unit, row, record_of(row), "failed", WITHOUT_FILE)


def _final_report(record: JobRecord, state: ImportState, error: str | None) -> Report:
    tally = Tally(record.report)
    if state != "done":
        tally.skip_rest(
            "cancelled" if state == "cancelled" else "stopped",
            CANCELLED if state == "cancelled" else STOPPED,
            conversations_total=record.progress.conversations_found,
            messages_total=record.messages_total,
        )
    report = tally.report()
    return report.model_copy(update={"error": error, "notes": notes_of(report)})


def tell(unit: Unit[AfterCommit], row: RowMapping) -> ImportJob:
    """Shows the job as it is now in the person's pages that are open on this server."""
    job = job_of(row)
    unit.after_commit.append(state_change(row["user_id"], job))
    return job


def state_change(user_id: int, job: ImportJob) -> StateChange:
    return StateChange(user_id, f"import:{job.id}", ImportChanged(job=job).wire_json())
