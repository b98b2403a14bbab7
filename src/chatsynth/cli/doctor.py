"""`chatsynth doctor`: is everything here that the library needs, and is its data sound?"""

import json
import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy.exc import DBAPIError

from chatsynth.cli import library_checks
from chatsynth.cli.library_checks import Unsound
from chatsynth.cli.options import Data, settings_of
from chatsynth.config import Settings
from chatsynth.web.page import page_is_built

T = TypeVar("T")

OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 35, 0)
LITTLE_SPACE_BYTES = 1024**3
MIB = 1024**2


def doctor(
    data: Data = None, as_json: Annotated[bool, typer.Option("--json", help="Report as JSON, for programs.")] = False
) -> None:
    """Check this installation and its data; exit code 1 if something is wrong."""
    results = list(_results(settings_of(data)))
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in results], ensure_ascii=False, indent=1))
    else:
        for each in results:
            typer.echo(f"{'ok   ' if each.ok else 'WRONG'}  {each.found}")
    if not all(each.ok for each in results):
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Result:
    check: str
    ok: bool
    found: str


def _results(settings: Settings) -> Iterator[Result]:
    of_machine = (_python, _sqlite, _full_text_search, _page, _data_folder, _free_disk)
    yield from (_result(check, settings) for check in of_machine)
    if not settings.database.exists():
        sentence = f"There is no library in {settings.data_dir}; “chatsynth serve” and “chatsynth user add” create one."
        yield Result("library", ok=False, found=sentence)
        return
    yield from (_result(check, settings.database) for check in library_checks.CHECKS)


def _result(check: Callable[[T], str], asked: T) -> Result:
    name = check.__name__.removeprefix("_")
    try:
        return Result(name, ok=True, found=check(asked))
    except Unsound as unsound:
        return Result(name, ok=False, found=str(unsound))
    except (sqlite3.Error, DBAPIError, UnicodeError) as failed:
        return Result(name, ok=False, found=f"The database cannot be read ({failed}).")


def _python(_: Settings) -> str:
    version = platform.python_version()
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise Unsound(f"Python {version} is too old; ChatSynth needs 3.11 or newer.")
    return f"Python {version}"


def _sqlite(_: Settings) -> str:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise Unsound(f"SQLite {sqlite3.sqlite_version} is too old; ChatSynth needs 3.35 or newer.")
    return f"SQLite {sqlite3.sqlite_version}"


def _full_text_search(_: Settings) -> str:
    with closing(sqlite3.connect(":memory:")) as db:
        try:
            db.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='unicode61 remove_diacritics 2')")
        except sqlite3.Error as missing:
            raise Unsound("This Python’s SQLite has no full-text search (FTS5); use another Python.") from missing
    return "Full-text search (FTS5)"


def _data_folder(settings: Settings) -> str:
    folder = _nearest_existing(settings.data_dir)
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as failed:
        raise Unsound(f"{folder} cannot be written to ({failed.strerror}).") from failed
    return f"Data in {settings.data_dir}"


def _free_disk(settings: Settings) -> str:
    free = shutil.disk_usage(_nearest_existing(settings.data_dir)).free
    if free < LITTLE_SPACE_BYTES:
        raise Unsound(f"Only {free // MIB} MiB are free on the disk of {settings.data_dir}.")
    return f"{free // MIB} MiB free on its disk"


def _page(_: Settings) -> str:
    if not page_is_built():
        raise Unsound("The page is not built; `make page` builds it.")
    return "The page is built"


def _nearest_existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())
