"""`chatsynth import`: an import in the foreground, beside a running server or without one."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from chatsynth.features.accounts.emails import normalised
from chatsynth.features.accounts.service import account_named
from chatsynth.features.imports.job_record import job_of
from chatsynth.features.imports.report import count_of, names_of, times
from chatsynth.features.imports.runner import Progressed, Runner
from chatsynth.features.imports.service import create_job, own_job
from chatsynth.features.imports.text_cleaning import clean_text
from chatsynth.features.imports.wire import Counts, ImportJob, ImportState, Report
from chatsynth.features.imports.worker import SWITCH_INTERVAL_S
from chatsynth.kit.ids import random_id
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.web.context import Context

EXIT_CODES: dict[ImportState, int] = {"done": 0, "failed": 1, "cancelled": 130}
TAKEN_OVER = "Another process has taken over this import and goes on with it."
_STATES: dict[ImportState, str] = {"checking": "Checking the file", "importing": "Importing"}


@dataclass(slots=True)
class _Interruption:
    asked: bool = False


def run(context: Context, file: Path, email: str, as_json: bool) -> int:
    """Imports `file` and reports; returns the exit code. Raises Refused with a sentence for the person.

    The first Ctrl-C ends the import after the present chat: what is imported stays, and importing again completes it.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    path = _existing(file)
    with context.reading() as db:
        user_id = account_named(db, normalised(email)).id
    lease = f"cli:{os.getpid()}:{random_id()}"
    job = context.writer.run(lambda unit: create_job(unit, user_id, _shown(path), path, keeps_file=True, lease=lease))
    with _interruptible() as interruption, _progress_bar() as bar:
        Runner(
            context, job.id, lease, wish=lambda: "cancel" if interruption.asked else "go on", on_progress=bar.show
        ).run()
    with context.reading() as db:
        job = job_of(own_job(db, user_id, job.id))
    return _say_result(job, as_json)


def _existing(file: Path) -> Path:
    path = file.expanduser().absolute()
    if not path.exists():
        raise Refused(ErrorCode.NOT_FOUND, f"There is no file “{file}”.")
    if not os.access(path, os.R_OK):
        raise Refused(ErrorCode.FORBIDDEN, f"You may not read “{file}”.")
    return path


def _shown(path: Path) -> str:
    return clean_text(path.name) or str(path)


@contextmanager
def _interruptible() -> Iterator[_Interruption]:
    interruption = _Interruption()

    def ask(_number: int, _frame: object) -> None:
        interruption.asked = True
        signal.signal(signal.SIGINT, before)  # a second Ctrl-C stops at once; the import can be continued

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield interruption
    finally:
        signal.signal(signal.SIGINT, before)


# The progress bar -------------------------------------------------------------------------------


class _Bar:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("Opening the file", total=None, chats="")

    def show(self, progressed: Progressed) -> None:
        now = progressed.progress
        self._progress.update(
            self._task,
            description=_STATES.get(progressed.state, "Ready"),
            total=now.bytes_total or None,
            completed=now.bytes_done,
            chats=f"{now.conversations_done:,} of {count_of(now.conversations_found, 'chat')}",
        )


@contextmanager
def _progress_bar() -> Iterator[_Bar]:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[chats]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield _Bar(progress)


# The report -------------------------------------------------------------------------------------


def _say_result(job: ImportJob, as_json: bool) -> int:
    if job.report is None:
        Console(stderr=True).print(TAKEN_OVER, markup=False)
        return 1
    if as_json:
        result = {"id": job.id, "state": job.state, **job.report.model_dump(mode="json", by_alias=True)}
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    else:
        _print_report(Console(highlight=False, markup=False), job, job.report)
    if job.report.error is not None and as_json:
        sys.stderr.write(job.report.error + "\n")
    return EXIT_CODES[job.state]


def _print_report(console: Console, job: ImportJob, report: Report) -> None:
    headings: dict[ImportState, str] = {
        "done": f"Imported “{job.filename}”",
        "cancelled": f"Cancelled the import of “{job.filename}”; importing it again goes on",
        "failed": f"The import of “{job.filename}” has failed",
    }
    console.print(f"{headings[job.state]}{_from(report)}.")
    if report.error is not None:
        console.print(report.error)
    if report.conversations.found:
        console.print(_counts_table(report))
    for line in _details(report):
        console.print(line)


def _from(report: Report) -> str:
    """ " (ChatGPT)", " (ChatGPT: 7 chats, Claude: 5 chats)"."""
    if len(report.platforms) < 2:
        return f" ({names_of(report.platforms)})" if report.platforms else ""
    each = (
        f"{names_of([platform])}: {count_of(count, 'chat')}" for platform, count in sorted(report.platforms.items())
    )
    return f" ({', '.join(each)})"


def _counts_table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name in Counts.model_fields:
        table.add_column(name, justify="right")
    for name, counts in (("chats", report.conversations), ("messages", report.messages)):
        table.add_row(name, *(f"{count:,}" for count in counts.model_dump().values()))
    return table


def _details(report: Report) -> Iterator[str]:
    for skip in report.skips:
        what = count_of(skip.count, "chat") if skip.count else count_of(skip.messages, "message")
        yield f"Skipped {what}: {skip.sentence}"
        yield from (f"  {example}" for example in skip.examples)
    yield from report.notes
    for kind, count in sorted(report.unknown_content.items()):
        yield f"Kept without being understood: {kind}, {times(count)}."
    if report.ignored_files_total:
        yield f"Ignored {count_of(report.ignored_files_total, 'file')}:"
        yield from (f"  {name}" for name in report.ignored_files[:10])
