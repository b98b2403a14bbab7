"""Import jobs as they cross the wire."""

from typing import Literal

from pydantic import Field

from chatsynth.kit.wire_model import WireModel

ImportState = Literal["queued", "checking", "importing", "done", "failed", "cancelled"]


class Progress(WireModel):
    """How far a job is. `bytesTotal` is 0 until the file has been looked at."""

    bytes_done: int = 0
    bytes_total: int = 0
    conversations_found: int = 0
    conversations_done: int = 0


class Counts(WireModel):
    """Adds up: `found == imported + updated + unchanged + skipped`."""

    found: int = 0
    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0


class Skip(WireModel):
    """Why something was left out, in words, with how often and some examples of where."""

    reason: str
    sentence: str
    count: int
    examples: tuple[str, ...]


class Report(WireModel):
    platform: str | None
    conversations: Counts
    messages: Counts
    skips: tuple[Skip, ...] = ()
    unknown_content: dict[str, int] = Field(default_factory=dict)
    ignored_files: tuple[str, ...] = ()
    error: str | None = None


class ImportJob(WireModel):
    id: int
    filename: str
    state: ImportState
    progress: Progress
    report: Report | None
    created_at: int
    finished_at: int | None


class ImportChanged(WireModel):
    """Pushed to the person's connections while a job runs; only the newest matters, so it is never logged."""

    type: Literal["import_changed"] = "import_changed"
    job: ImportJob
