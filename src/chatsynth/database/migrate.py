"""Bringing the database file to the newest schema, before anything else opens it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from chatsynth.database.copying import copy_pages, open_for_reading, remove_unfinished, replace
from chatsynth.database.engine import open_writer
from chatsynth.database.writing_connection import begin_immediate

log = structlog.get_logger(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"
LOCK_TIMEOUT_S = 120.0


class DatabaseNotUsable(Exception):
    """The file cannot be used by this version of the program; the sentence says why and what to do."""


def migrate(path: Path, *, keep_copy: bool = True) -> None:
    """Creates the folder and the file if they are missing, and applies every step that the file lacks.

    All steps are one transaction, so an interruption leaves the schema as it was; before the first one a copy of the
    file is put beside it. Two processes that start at once take turns. Raises `DatabaseNotUsable` for a file of a
    newer version, or one that is no database.
    """
    migrate_to(path, newest_version(), keep_copy=keep_copy)


def migrate_to(path: Path, version: str, *, keep_copy: bool = True) -> None:
    """As `migrate`, but not further than to this version."""
    make_folder(path)
    try:
        with _one_at_a_time(path):
            _upgrade(path, version, keep_copy=keep_copy)
    except (sqlite3.Error, DBAPIError) as failed:
        reason = failed.orig if isinstance(failed, DBAPIError) else failed
        raise DatabaseNotUsable(f"The database {path} cannot be opened: {reason}.") from failed


def make_folder(path: Path) -> None:
    """Raises DatabaseNotUsable."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as failed:
        raise DatabaseNotUsable(f"The folder {path.parent} cannot be used: {failed.strerror}.") from failed


def is_known(version: str) -> bool:
    """Whether this program can bring a database of this version to the newest one."""
    return version in {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}


def kept_before_upgrade(path: Path, version: str) -> Path:
    """Where the copy is that was made before the database left this version; a later one takes its place."""
    return path.with_name(f"before-upgrade-from-{version}.sqlite3")


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


def _upgrade(path: Path, to: str, *, keep_copy: bool) -> None:
    engine = open_writer(path)
    try:
        with engine.connect() as db:
            begin_immediate(db, time.monotonic() + LOCK_TIMEOUT_S)
            _apply_missing_steps(db, path, to, keep_copy=keep_copy)
            db.exec_driver_sql("COMMIT")
    finally:
        engine.dispose()


def _apply_missing_steps(db: Connection, path: Path, to: str, *, keep_copy: bool) -> None:
    config = _config()
    version = version_of(db)
    if version is not None and not is_known(version):
        raise DatabaseNotUsable(
            f"The database {path} was made by a newer version of ChatSynth (its schema is {version}). "
            "Please install that version or a later one."
        )
    if version != to:
        if version is not None and keep_copy:
            _keep_copy(path, version, to)
        config.attributes["connection"] = db
        command.upgrade(config, to)


def _keep_copy(path: Path, version: str, to: str) -> None:
    """The caller has the write lock, so the copy is what is going to be upgraded."""
    kept = kept_before_upgrade(path, version)
    unfinished = kept.with_name(f".{kept.name}.unfinished")
    remove_unfinished(unfinished)
    try:
        with closing(open_for_reading(path)) as source:
            copy_pages(source, unfinished)
        replace(unfinished, kept)
    except (sqlite3.Error, OSError) as failed:
        raise DatabaseNotUsable(
            f"No copy of the database could be made in {path.parent} before its upgrade ({failed}). "
            "Nothing was changed; please make room there and start again."
        ) from failed
    finally:
        remove_unfinished(unfinished)
    log.info("upgrading the database", from_schema=version, to_schema=to, copy_kept_as=str(kept))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config
