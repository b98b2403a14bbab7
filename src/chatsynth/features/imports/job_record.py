"""What the row of a job remembers of its work: enough to go on where another process stopped."""

from collections.abc import Mapping

from sqlalchemy import RowMapping

from chatsynth.features.imports.store import OpenChat
from chatsynth.features.imports.wire import Counts, ImportJob, Progress, Report
from chatsynth.kit.wire_model import WireModel

NOTHING = Report(platform=None, conversations=Counts(), messages=Counts())


class JobRecord(WireModel):
    """Committed with the rows that it counts. `itemsDone` conversations of the export are complete, left out ones
    included; `attempts` counts how often a process began to work on it since it last got on."""

    progress: Progress = Progress()
    report: Report = NOTHING
    messages_total: int = 0
    items_done: int = 0
    open_chat: OpenChat | None = None
    attempts: int = 0

    def changed(self, **fields: object) -> "JobRecord":
        return self.model_copy(update=fields)


def record_of(row: RowMapping) -> JobRecord:
    return JobRecord.model_validate_json(row["progress"])


def job_of(row: RowMapping | Mapping[str, object]) -> ImportJob:
    """The job as its owner sees it."""
    record = JobRecord.model_validate_json(str(row["progress"]))
    report = row["report"]
    return ImportJob.model_validate(
        {
            "id": row["id"],
            "filename": row["filename"],
            "state": row["state"],
            "progress": record.progress,
            "report": None if report is None else Report.model_validate_json(str(report)),
            "created_at": row["created_at"],
            "finished_at": row["finished_at"],
        }
    )
