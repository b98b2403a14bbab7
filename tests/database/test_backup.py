"""What a backup is, what is refused as one, and what is left when making or restoring one fails."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection

from chatsynth.cli.backups import renew
from chatsynth.database.backup import NoBackup, NotBackedUp, back_up, examine
from chatsynth.database.claim import InUse, shared_use
from chatsynth.database.contents import digest, unseal
from chatsynth.database.copying import give_name
from chatsynth.database.migrate import migrate_to, newest_version
from chatsynth.database.restore import NotRestored, restore
from chatsynth.features.imports.rows import NewRows
from chatsynth.features.imports.service import create_job
from tests.harness.own_library import OwnLibrary, own_library

FLIPS = 60
MIB = 1024**2


def _room(_: Path) -> int:
    return 10**12


def _nothing(_: Connection) -> None:
    """Needs nothing after going back in time."""


def _back_up(database: Path, target: Path) -> Path:
    return back_up(database, target, "test", 1, _room).path


@pytest.fixture
def library(tmp_path: Path) -> Iterator[OwnLibrary]:
    folder = tmp_path / "data"
    folder.mkdir()
    with own_library(folder) as library:
        ada = library.person("ada")
        library.new_chat(ada, "Grüße 🎉", "你好")
        yield library


@pytest.fixture
def backup(library: OwnLibrary, tmp_path: Path) -> Path:
    return _back_up(library.path, tmp_path / "backup.sqlite3")


def _digest(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        unseal(db)
        return digest(db)


def _folder(path: Path) -> list[str]:
    return sorted(each.name for each in path.iterdir())


# Making one -------------------------------------------------------------------------------------


def test_a_backup_is_one_file_that_holds_all_of_the_library(library: OwnLibrary, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    backup = _back_up(library.path, tmp_path / "backups" / "one")
    assert _folder(backup.parent) == ["one"]
    assert _digest(backup) == _digest(library.path)


def test_a_backup_holds_up_nobody_and_holds_whole_transactions(library: OwnLibrary, tmp_path: Path) -> None:
    """The one who writes gives up at once when it would have to wait."""
    _grow(library.path, 8 * MIB)
    ended, written, before, backup = threading.Event(), [0], 0, tmp_path / "0"

    def write_pairs() -> None:
        with closing(sqlite3.connect(library.path, timeout=0, isolation_level=None)) as db:
            while not ended.is_set():
                db.execute("BEGIN IMMEDIATE")
                for _ in range(2):
                    db.execute("INSERT INTO login_failures(email, address, at) VALUES ('a', 'b', 1)")
                db.execute("COMMIT")
                written[0] += 1

    writing = threading.Thread(target=write_pairs)
    writing.start()
    try:
        for number in range(1000):
            before = written[0]
            backup = _back_up(library.path, tmp_path / str(number))
            if written[0] > before + 2:
                break
    finally:
        is_alive = writing.is_alive()
        ended.set()
        writing.join()
    assert is_alive, "a write had to wait for the backup"
    with closing(sqlite3.connect(backup)) as db:
        (rows,) = db.execute("SELECT count(*) FROM login_failures").fetchone()
    assert rows % 2 == 0
    assert 2 * before <= rows <= 2 * written[0]


def _grow(database: Path, by_bytes: int) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("INSERT INTO chat_sources(chat_id, raw) SELECT id, zeroblob(?) FROM chats", (by_bytes,))


def test_nothing_is_overwritten(library: OwnLibrary, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(NotBackedUp, match="exists already"):
        _back_up(library.path, tmp_path / "taken")
    assert (tmp_path / "taken").read_text() == "mine"
    with pytest.raises(FileExistsError):  # taken while the backup was being written
        give_name(Path(shutil.copy(tmp_path / "taken", tmp_path / "new")), tmp_path / "taken")
    assert (tmp_path / "taken").read_text() == "mine"


def test_without_room_there_is_a_sentence_and_no_file(library: OwnLibrary, tmp_path: Path) -> None:
    before = _folder(tmp_path)
    with pytest.raises(NotBackedUp, match="not enough room"):
        back_up(library.path, tmp_path / "backup", "test", 1, lambda _: MIB)
    with pytest.raises(NotBackedUp, match="no backup was made"):
        _back_up(library.path, tmp_path / "no such folder" / "backup")
    assert _folder(tmp_path) == before


@pytest.mark.skipif(sys.platform == "win32", reason="limits files as POSIX does")
def test_a_disk_that_fails_in_the_middle_leaves_a_sentence_and_no_file(library: OwnLibrary, tmp_path: Path) -> None:
    _grow(library.path, 4 * MIB)
    (tmp_path / "backups").mkdir()
    command = f"ulimit -f 1024; exec {sys.executable} -m chatsynth backup backups/one --data {library.path.parent}"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no backup was made" in done.stderr
    assert _folder(tmp_path / "backups") == []


def test_one_that_is_killed_leaves_nothing_with_the_name_of_a_backup(library: OwnLibrary, tmp_path: Path) -> None:
    _grow(library.path, 64 * MIB)
    backups = tmp_path / "backups"
    backups.mkdir()
    command = [sys.executable, "-m", "chatsynth", "backup", backups / "one", "--data", library.path.parent]
    process = subprocess.Popen([str(each) for each in command])
    while not _folder(backups):
        assert process.poll() is None
    process.kill()
    process.wait()
    assert all(name.endswith((".unfinished", "-journal")) for name in _folder(backups))
    _back_up(library.path, backups / "one")


# What is one ------------------------------------------------------------------------------------


def test_a_byte_that_changed_is_found(backup: Path, tmp_path: Path) -> None:
    """Or it was one that means nothing: what is restored is what was written."""
    random, original, found = Random(1), backup.read_bytes(), 0
    expected, damaged = _digest(Path(shutil.copy(backup, tmp_path / "copy"))), tmp_path / "damaged"
    for _ in range(FLIPS):
        place = random.randrange(len(original))
        damaged.write_bytes(original[:place] + bytes([original[place] ^ 0xFF]) + original[place + 1 :])
        try:
            examine(damaged)
        except NoBackup:
            found += 1
        else:
            assert _digest(damaged) == expected
    assert found > 0


def test_a_text_that_changed_is_found(backup: Path) -> None:
    """SQLite sees nothing wrong with such a file."""
    content = backup.read_bytes()
    place = content.rindex("Grüße".encode())
    backup.write_bytes(content[:place] + b"X" + content[place + 1 :])
    with pytest.raises(NoBackup, match="does not hold what was written"):
        examine(backup)


@pytest.mark.parametrize("length", [0, 1, 99, 4096, 70_000])
def test_a_file_that_was_cut_off_is_refused(backup: Path, length: int) -> None:
    backup.write_bytes(backup.read_bytes()[:length])
    with pytest.raises(NoBackup):
        examine(backup)


def test_what_is_no_backup_is_refused_in_words(backup: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other")) as db:
        db.execute("CREATE TABLE recipes(name)")
    (tmp_path / "diary").write_text("Dear diary, " * 1000)
    with closing(sqlite3.connect(backup)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    refused = {
        tmp_path / "other": "none of ChatSynth",
        tmp_path / "diary": "is no backup",
        tmp_path / "missing": "is no file",
        tmp_path: "is no file",
        backup: "newer version of ChatSynth",
    }
    for file, words in refused.items():
        with pytest.raises(NoBackup, match=words):
            restore(file, tmp_path / "new" / "chatsynth.sqlite3", _nothing)
    assert not (tmp_path / "new").exists()


# Putting one back -------------------------------------------------------------------------------


def test_a_library_that_is_there_is_not_replaced_unasked(library: OwnLibrary, backup: Path) -> None:
    before = _digest(library.path)
    with pytest.raises(NotRestored, match="--replace"):
        restore(backup, library.path, _nothing)
    assert _digest(library.path) == before


def test_a_library_in_use_is_not_replaced(library: OwnLibrary, backup: Path, tmp_path: Path) -> None:
    before = _digest(library.path)
    with shared_use(library.path), shared_use(library.path), pytest.raises(InUse, match="Stop it first"):
        restore(backup, library.path, _nothing, aside=tmp_path / "aside")
    assert _digest(library.path) == before
    assert not (tmp_path / "aside").exists()


def test_what_is_replaced_is_moved_aside_whole_with_its_write_ahead_log(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with own_library(data) as library:
        library.new_chat(library.person("ada"), "old")
        backup = _back_up(library.path, tmp_path / "backup")
        library.new_chat(1, "newer")
        for name in ("chatsynth.sqlite3", "chatsynth.sqlite3-wal"):  # as a killed server leaves them
            shutil.copy(data / name, tmp_path / name)
        expected = _digest(library.path)
    for name in ("chatsynth.sqlite3", "chatsynth.sqlite3-wal"):
        shutil.copy(tmp_path / name, data / name)
    (data / "uploads").mkdir()
    assert restore(backup, library.path, _nothing, aside=data / "aside").moved_aside == data / "aside"
    assert _digest(data / "aside" / "chatsynth.sqlite3") == expected
    assert (data / "aside" / "uploads").is_dir()
    assert _digest(library.path) != expected
    assert not (data / "uploads").exists()
    assert [name for name in _folder(data) if "restoring" in name] == []


def test_every_log_gets_a_new_epoch_and_no_number_is_given_again(library: OwnLibrary, tmp_path: Path) -> None:
    backup = _back_up(library.path, tmp_path / "backup")
    lost = library.new_chat(1, "lost")
    with library.reading() as db:
        epochs = set(db.exec_driver_sql("SELECT epoch FROM channels").scalars())
    (tmp_path / "new").mkdir()
    restore(backup, tmp_path / "new" / "chatsynth.sqlite3", renew)
    with own_library(tmp_path / "new") as restored:
        with restored.reading() as db:
            assert epochs.isdisjoint(db.exec_driver_sql("SELECT epoch FROM channels").scalars())
            assert NewRows.after(db).next_chat_id() > lost["id"], "an import gives numbers too"
        new = restored.new_chat(1, "new")
        assert new["id"] > lost["id"]
        assert new["messages"][0]["id"] > lost["messages"][0]["id"]


def test_an_import_that_waited_ends_in_words_since_its_file_is_in_no_backup(
    library: OwnLibrary, tmp_path: Path
) -> None:
    library.writer.run(lambda unit: create_job(unit, 1, "export.zip", Path("/uploads/export.zip"), keeps_file=False))
    backup = _back_up(library.path, tmp_path / "backup")
    (tmp_path / "new").mkdir()
    restore(backup, tmp_path / "new" / "chatsynth.sqlite3", renew)
    with own_library(tmp_path / "new") as restored, restored.reading() as db:
        assert db.exec_driver_sql("SELECT state FROM imports").scalar_one() == "failed"
        assert "import this file again" in db.exec_driver_sql("SELECT message FROM notifications").scalar_one()


def test_a_backup_of_an_older_schema_is_upgraded_and_the_file_is_left_as_it_was(tmp_path: Path) -> None:
    old = tmp_path / "old"
    migrate_to(old, "0001")
    before = old.read_bytes()
    restore(old, tmp_path / "new" / "chatsynth.sqlite3", renew)
    assert examine(tmp_path / "new" / "chatsynth.sqlite3") == newest_version()
    assert old.read_bytes() == before
