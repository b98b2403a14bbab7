"""Bringing the database file to the newest schema, before anything else opens it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from chatsynth.database.engine import open_writer
from chatsynth.database.writing_connection import begin_immediate

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK_TIMEOUT_S = 120.0


class DatabaseNotUsable(Exception):
    """The file cannot be used by this version of the program; the sentence says why and what to do."""


def migrate(path: Path) -> None:
    """Creates the folder and the file if they are missing, and applies every step that the file lacks.

    All steps are one transaction, so an interruption leaves the schema as it was. Two processes that start at
    once take turns. Raises `DatabaseNotUsable` for a file of a newer version, or one that is no database.
    """
    migrate_to(path, "head")


def migrate_to(path: Path, version: str) -> None:
    """As `migrate`, but not further than to this version."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _one_at_a_time(path):
            _upgrade(path, version)
    except (sqlite3.Error, DBAPIError) as failed:
        reason = failed.orig if isinstance(failed, DBAPIError) else failed
        raise DatabaseNotUsable(f"The database {path} cannot be opened: {reason}.") from failed
    except OSError as failed:
        raise DatabaseNotUsable(f"The folder {path.parent} cannot be used: {failed.strerror}.") from failed


def newest_version() -> str:
    """The version that this program's last step leads to."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def version_of(db: Connection) -> str | None:
    """The version of an open database; None before its first step."""
    return MigrationContext.configure(db).get_current_revision()


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """A lock between processes, which ends with its process however that ends.

    It is on a file of its own because the first opening already writes to the database (its journal mode).
    """
    lock = sqlite3.connect(path.with_name(f"{path.name}.migrating"), timeout=LOCK_TIMEOUT_S, isolation_level=None)
    with closing(lock):
        lock.execute("BEGIN EXCLUSIVE")
        yield


def _upgrade(path: Path, to: str) -> None:
    engine = open_writer(path)
    try:
        with engine.connect() as db:
            begin_immediate(db, time.monotonic() + LOCK_TIMEOUT_S)
            _apply_missing_steps(db, path, to)
            db.exec_driver_sql("COMMIT")
    finally:
        engine.dispose()


def _apply_missing_steps(db: Connection, path: Path, to: str) -> None:
    config = _config()
    version = version_of(db)
    steps = ScriptDirectory.from_config(config)
    if version is not None and version not in {step.revision for step in steps.walk_revisions()}:
        raise DatabaseNotUsable(
            f"The database {path} was made by a newer version of ChatSynth (its schema is {version}). "
            "Please install that version or a later one."
        )
    if version != steps.get_current_head():
        config.attributes["connection"] = db
        command.upgrade(config, to)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config
