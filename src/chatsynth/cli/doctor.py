"""`chatsynth doctor`: is everything here that the library needs, and is its data sound?"""

import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import typer

from chatsynth.cli.options import Data, settings_of
from chatsynth.config import Settings
from chatsynth.database.integrity import check_integrity
from chatsynth.database.migrate import newest_version
from chatsynth.kit.clock import system_clock
from chatsynth.web.page import page_is_built

OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 35, 0)
LITTLE_SPACE_BYTES = 1024**3
MIB = 1024**2


class Unsound(Exception):
    """A check failed; the sentence says what to do."""


def doctor(data: Data = None) -> None:
    """Check this installation and its data; exit code 1 if something is wrong."""
    results = list(_results(settings_of(data)))
    for is_sound, sentence in results:
        typer.echo(f"{'ok   ' if is_sound else 'WRONG'}  {sentence}")
    if not all(is_sound for is_sound, _ in results):
        raise typer.Exit(1)


def _results(settings: Settings) -> Iterator[tuple[bool, str]]:
    checks: tuple[Callable[[Settings], str], ...] = (
        _python,
        _sqlite,
        _full_text_search,
        _data_folder,
        _free_disk,
        _schema,
        _integrity,
        _page,
    )
    for check in checks:
        try:
            yield True, check(settings)
        except Unsound as unsound:
            yield False, str(unsound)


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


def _schema(settings: Settings) -> str:
    if not settings.database.exists():
        return "No database yet; the first start creates it"
    version = _ask(settings.database, "SELECT version_num FROM alembic_version")
    if version != newest_version():
        raise Unsound(
            f"The database has schema {version}, this program {newest_version()}; "
            "starting the server upgrades an older one, a newer one needs a newer ChatSynth."
        )
    return f"Schema {version}"


def _integrity(settings: Settings) -> str:
    if not settings.database.exists():
        return "Nothing to check for damage"
    try:
        checked = check_integrity(settings.database, system_clock())
    except sqlite3.Error as failed:
        raise Unsound(f"{settings.database} cannot be read ({failed}).") from failed
    if not checked.is_sound:
        raise Unsound(f"The database is damaged ({checked.found}); put back a backup.")
    return "The database is undamaged"


def _page(_: Settings) -> str:
    if not page_is_built():
        raise Unsound("The page is not built; `make page` builds it.")
    return "The page is built"


def _ask(database: Path, question: str) -> str:
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
            row = db.execute(question).fetchone()
    except sqlite3.Error as failed:
        raise Unsound(f"{database} cannot be read ({failed}).") from failed
    return str(row[0]) if row else "none"


def _nearest_existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())
