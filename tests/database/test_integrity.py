"""Whether the database file is undamaged, and what is remembered of it."""

import sqlite3
from pathlib import Path

import pytest

from chatsynth.database.integrity import Integrity, check_integrity, last_integrity_check
from tests.harness.own_library import own_library


def test_a_sound_database_is_found_sound_beside_its_writer_and_that_is_remembered(tmp_path: Path) -> None:
    with own_library(tmp_path) as library:
        library.person("ada")
        assert last_integrity_check(library.path) is None
        assert check_integrity(library.path, 5) == Integrity(5, "ok")
        assert last_integrity_check(library.path) == Integrity(5, "ok")


def test_damage_is_found(tmp_path: Path) -> None:
    with own_library(tmp_path) as library:
        ada = library.person("ada")
        library.new_chat(ada, "x" * 200_000)
    with sqlite3.connect(library.path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(library.path.read_bytes())
    content[len(content) // 2 :] = bytes(b ^ 0x55 for b in content[len(content) // 2 :])
    library.path.write_bytes(content)
    found = check_integrity(library.path, 5)
    assert not found.is_sound
    assert last_integrity_check(library.path) == found


def test_a_database_that_is_not_there_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        check_integrity(tmp_path / "nothing.sqlite3", 5)


@pytest.mark.parametrize("remembered", ["", "{", "[]", '{"at_ms": null}', "\x00"])
def test_a_memory_that_cannot_be_read_is_none(tmp_path: Path, remembered: str) -> None:
    (tmp_path / "last-integrity-check.json").write_text(remembered)
    assert last_integrity_check(tmp_path / "chatsynth.sqlite3") is None
