"""Import jobs as they cross the wire."""

from typing import Literal

from pydantic import Field

from chatsynth.kit.wire_model import WireModel

ImportState = Literal["queued", "checking", "importing", "done", "failed", "cancelled"]


class Progress(WireModel):
    """How far a job is, in the step that its state names. `bytesTotal` is 0 until the file has been looked at."""

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
    """Why something was left out, in words, with some examples of where. The sums over all skips are the numbers
    of skipped conversations (`count`) and skipped messages (`messages`)."""

    reason: str
    sentence: str
    count: int
    messages: int = 0
    examples: tuple[str, ...]


class Report(WireModel):
    """What an import found and did.

    Counted as unchanged, because what a person did here stays: `keptEdits` messages that were edited here and differ
    in the file, `keptRemovals` messages that were removed here, `keptInTrash` chats that are in the trash here.
    `unknownContent` counts what was kept without being understood, by kind; `notImported` other things in the file.
    `withoutId` counts imported chats that will not be recognised once they have grown. `platforms` counts the chats of
    each platform that were not skipped, and `platform` is the one of most files. When the job has ended, `notes` say
    in sentences what the counts of chats and messages do not.
    """

    platform: str | None
    platforms: dict[str, int] = Field(default_factory=dict)
    conversations: Counts
    messages: Counts
    skips: tuple[Skip, ...] = ()
    unknown_content: dict[str, int] = Field(default_factory=dict)
    ignored_files: tuple[str, ...] = ()
    ignored_files_total: int = 0
    not_imported: dict[str, int] = Field(default_factory=dict)
    kept_edits: int = 0
    kept_removals: int = 0
    kept_in_trash: int = 0
    without_id: int = 0
    notes: tuple[str, ...] = ()
    error: str | None = None


class ImportJob(WireModel):
    id: int
    filename: str
    state: ImportState
    progress: Progress
    report: Report | None
    created_at: int
    finished_at: int | None


class ImportList(WireModel):
    items: tuple[ImportJob, ...]


class ImportChanged(WireModel):
    """Pushed to the person's connections while a job runs; only the newest matters, so it is never logged."""

    type: Literal["import_changed"] = "import_changed"
    job: ImportJob
