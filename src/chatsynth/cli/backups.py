"""`chatsynth backup` and `chatsynth restore`: the library as one file, and back."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from chatsynth import __version__
from chatsynth.cli.options import Data, settings_of
from chatsynth.database.backup import BackedUp, NotBackedUp, back_up
from chatsynth.database.claim import shared_use
from chatsynth.database.restore import restore as restore_file
from chatsynth.database.unit import Unit
from chatsynth.features.imports.service import end_without_files
from chatsynth.kit.clock import system_clock
from chatsynth.log.renew import new_epochs
from chatsynth.realtime.publication import AfterCommit

MIB = 1024**2


def backup(
    target: Annotated[Path, typer.Argument(help="The file to write, or a folder for a file named by the time.")],
    data: Data = None,
) -> None:
    """Write the whole library into one file, while people go on working. Prints the name of the file."""
    settings = settings_of(data)
    if not settings.database.exists():
        raise NotBackedUp(f"There is no library in {settings.data_dir}. Please check --data and CHATSYNTH_DATA.")
    now_ms = system_clock()
    file = _file_of(target.expanduser().absolute(), now_ms)
    with shared_use(settings.database):
        made = back_up(settings.database, file, __version__, now_ms, lambda folder: shutil.disk_usage(folder).free)
    typer.echo(_summary(made), err=True)
    typer.echo(made.path)


def _file_of(target: Path, now_ms: int) -> Path:
    return target / f"chatsynth-{_stamp(now_ms)}.sqlite3" if target.is_dir() else target


def _stamp(now_ms: int) -> str:
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%dT%H-%M-%SZ")


def _summary(made: BackedUp) -> str:
    counted = ", ".join(f"{_rows(made.rows, name):,} {name}" for name in ("users", "chats", "messages", "entries"))
    return f"Backed up and verified: {counted}; schema {made.version}, {made.size_bytes / MIB:.1f} MiB."


def _rows(rows: Mapping[str, int], name: str) -> int:
    return rows.get(name, 0)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `chatsynth backup` has written.")],
    data: Data = None,
    replace: Annotated[bool, typer.Option("--replace", help="Move the library that is there aside.")] = False,
) -> None:
    """Put a backup in place, while no server runs. Everybody's page then loads what the backup holds."""
    settings = settings_of(data)
    aside = settings.data_dir / f"replaced-{_stamp(system_clock())}" if replace else None
    done = restore_file(file.expanduser().absolute(), settings.database, renew, aside=aside)
    if done.moved_aside is not None:
        typer.echo(f"The library that was there is in {done.moved_aside}.", err=True)
    typer.echo(f"Restored into {settings.data_dir}.", err=True)


def renew(db: Connection) -> None:
    """What the product needs after going back in time."""
    new_epochs(db)
    unit: Unit[AfterCommit] = Unit(db, system_clock())  # nobody is connected who would have to be told
    end_without_files(unit)
