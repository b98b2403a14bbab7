"""What `chatsynth doctor` asks of a library's database, into which nothing is written."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, create_engine

from chatsynth.database.copying import copy_pages, open_for_reading
from chatsynth.database.integrity import check_integrity
from chatsynth.database.migrate import newest_version
from chatsynth.database.shape import shape_differences
from chatsynth.features.chats.soundness import unsound_chats
from chatsynth.kit.clock import system_clock
from chatsynth.log.soundness import unsound_logs

MOST_NAMED = 5
FULL_TEXT_INDEXES = ("messages_fts", "chats_fts")


class Unsound(Exception):
    """A check failed; the sentence says what was found and what to do."""


def schema(path: Path) -> str:
    with _reading(path) as db:
        row = db.execute("SELECT version_num FROM alembic_version").fetchone()
    version = str(row[0]) if row else "none"
    if version != newest_version():
        raise Unsound(
            f"The database has schema {version}, this program {newest_version()}; "
            "starting the server upgrades an older one, a newer one needs a newer ChatSynth."
        )
    return f"Schema {version}"


def shape(path: Path) -> str:
    with _reading(path) as db:
        _refuse("The tables are not what this version made", shape_differences(db))
    return "Tables, columns, keys, indexes and triggers are as they should be"


def integrity(path: Path) -> str:
    checked = check_integrity(path, system_clock())
    if not checked.is_sound:
        raise Unsound(f"The database is damaged ({checked.found}); put back a backup.")
    return "The database is undamaged"


def foreign_keys(path: Path) -> str:
    with _reading(path) as db:
        lost = [f"row {row} of {table} belongs to no row of {target}" for table, row, target, _ in _orphans(db)]
    _refuse("Rows belong to rows that are not there", lost)
    return "Every row belongs to one that is there"


def _orphans(db: sqlite3.Connection) -> list[tuple[str, int | None, str, int]]:
    return db.execute("PRAGMA foreign_key_check").fetchall()


def logs(path: Path) -> str:
    _refuse("Logs are not gapless up to their heads", _asked(path, unsound_logs))
    return "Every log is gapless up to its head"


def chats(path: Path) -> str:
    _refuse("Rows do not fit together", _asked(path, unsound_chats))
    return "Chats, messages and members fit together"


def full_text(path: Path) -> str:
    """On a copy: the check needs the right to write, and would hold up everybody who writes."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.sqlite3"
        try:
            with _reading(path) as db:
                copy_pages(db, copy)
        except OSError as failed:
            return f"The full-text indexes were not checked: no room for a copy in {folder} ({failed.strerror})"
        wrong = [name for name in FULL_TEXT_INDEXES if not _follows_its_table(copy, name)]
    _refuse("Full-text indexes differ from their texts", wrong)
    return "The full-text indexes agree with their texts"


def _follows_its_table(path: Path, index: str) -> bool:
    with closing(sqlite3.connect(path)) as db:
        try:
            db.execute(f"INSERT INTO {index}({index}, rank) VALUES ('integrity-check', 1)")  # noqa: S608
        except sqlite3.DatabaseError:
            return False
    return True


CHECKS: tuple[Callable[[Path], str], ...] = (schema, shape, integrity, foreign_keys, logs, chats, full_text)


def _refuse(heading: str, found: list[str]) -> None:
    if found:
        rest = len(found) - MOST_NAMED
        named = "; ".join(islice(found, MOST_NAMED))
        raise Unsound(f"{heading}: {named}{f'; and {rest} more' if rest > 0 else ''}.")


def _asked(path: Path, question: Callable[[Connection], Iterator[str]]) -> list[str]:
    engine = create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    try:
        with engine.connect() as db:
            return list(question(db))
    finally:
        engine.dispose()


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_for_reading(path)) as db:
        yield db
