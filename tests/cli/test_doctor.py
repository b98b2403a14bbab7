"""What `chatsynth doctor` finds in a library that something has damaged."""

import gzip
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from chatsynth.cli.library_checks import CHECKS, Unsound
from chatsynth.database.migrate import migrate

LIBRARY = Path(__file__).parents[1] / "database" / "released" / "0.1.0.sqlite3.gz"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "chatsynth.sqlite3"
    with gzip.open(LIBRARY) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)
    migrate(path)
    return path


@pytest.fixture
def library(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path / "chatsynth.sqlite3"))


def _failing(library: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for check in CHECKS:
        try:
            check(library)
        except (Unsound, sqlite3.Error, DBAPIError) as unsound:
            found[check.__name__] = str(unsound)
    return found


DAMAGES = {
    "UPDATE alembic_version SET version_num = '0001'": ("schema", "has schema 0001"),
    "DROP TRIGGER messages_fts_update": ("shape", "the trigger messages_fts_update of messages is missing"),
    "DROP INDEX ix_members_user": ("shape", "the index ix_members_user of members is missing"),
    "ALTER TABLE chats ADD COLUMN colour TEXT": ("shape", "the column chats.colour does not belong there"),
    "DELETE FROM members WHERE user_id = 1": ("chats", "chats have no owner"),
    "UPDATE chats SET message_count = 999 WHERE id = 13": ("chats", "numbers 13"),
    "UPDATE messages SET parent_id = 10000 WHERE id = 2": ("chats", "messages follow a message"),
    "UPDATE chats SET active_leaf_id = 1 WHERE id = 13": ("chats", "ends at a message of no such chat"),
    "DELETE FROM channels WHERE name = 'chat:13'": ("chats", "have no log"),
    "DELETE FROM entries WHERE offset = 2": ("logs", "chat:13 has its head at"),
    "UPDATE channels SET head = head + 1 WHERE name = 'chat:13'": ("logs", "chat:13 has its head at"),
    "DELETE FROM users WHERE id = 2": ("foreign_keys", "belongs to no row of users"),
}


@pytest.mark.parametrize(("damage", "expected"), list(DAMAGES.items()))
def test_damage_is_found_and_named(library: Path, damage: str, expected: tuple[str, str]) -> None:
    with closing(sqlite3.connect(library)) as db, db:
        db.execute(damage)
    check, words = expected
    assert words in _failing(library)[check]


def test_an_index_that_does_not_follow_its_texts_is_found(library: Path) -> None:
    with closing(sqlite3.connect(library)) as db, db:
        (trigger,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'messages_fts_update'").fetchone()
        db.execute("DROP TRIGGER messages_fts_update")
        db.execute("UPDATE messages SET text = 'elsewhere' WHERE id = 1")
        db.execute(trigger)
    assert list(_failing(library)) == ["full_text"]


def test_a_page_that_was_overwritten_is_found(library: Path) -> None:
    with library.open("r+b") as file:
        file.seek(-4096, 2)
        file.write(b"\xff" * 4096)
    assert "integrity" in _failing(library)


def test_a_sound_library_is_sound_and_stays_as_it_is(sound: Path) -> None:
    before = sound.read_bytes()
    assert _failing(sound) == {}
    assert sound.read_bytes() == before


def test_json_tells_each_check(library: Path) -> None:
    with closing(sqlite3.connect(library)) as db, db:
        db.execute("DROP INDEX ix_members_user")
    command = [sys.executable, "-m", "chatsynth", "doctor", "--json", "--data", str(library.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    results = {each["check"]: each for each in json.loads(done.stdout)}
    assert done.returncode == 1
    assert results["integrity"]["ok"] is True
    assert results["shape"]["ok"] is False
    assert "ix_members_user" in results["shape"]["found"]
