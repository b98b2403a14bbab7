"""Is the database file undamaged? Looked at on demand, and remembered beside it."""

import json
import sqlite3
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

SOUND = "ok"
MEMORY = "last-integrity-check.json"


@dataclass(frozen=True, slots=True)
class Integrity:
    """`found` is "ok", or the first damage."""

    at_ms: int
    found: str

    @property
    def is_sound(self) -> bool:
        return self.found == SOUND


def check_integrity(database: Path, now_ms: int) -> Integrity:
    """Reads the whole file, beside whoever writes to it, and remembers what it found.

    Raises sqlite3.OperationalError.
    """
    found = Integrity(now_ms, _look(database))
    with suppress(OSError):  # a full disk must not hide what was found
        _memory(database).write_text(json.dumps(asdict(found)), encoding="utf-8")
    return found


def _look(database: Path) -> str:
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
            return first_damage(db)
    except sqlite3.OperationalError:
        raise  # busy, or not there: that says nothing of damage
    except sqlite3.DatabaseError as damage:
        return str(damage)


def first_damage(db: sqlite3.Connection) -> str:
    """What SQLite finds wrong with the structure of the file first; "ok" if nothing is."""
    return str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])


def last_integrity_check(database: Path) -> Integrity | None:
    """None if there was none, or nobody can tell any more."""
    try:
        remembered = json.loads(_memory(database).read_text(encoding="utf-8"))
        return Integrity(int(remembered["at_ms"]), str(remembered["found"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _memory(database: Path) -> Path:
    return database.with_name(MEMORY)
