"""The schema that the migrations make, and that they can be interrupted, repeated and raced."""

import json
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, insert

from chatsynth.database.engine import open_writer
from chatsynth.database.migrate import DatabaseNotUsable, migrate, migrate_to, newest_version, version_of
from chatsynth.features.accounts.tables import users
from chatsynth.features.chats.tables import chats, messages
from chatsynth.features.tables import metadata

DIE_WHILE_CREATING_MESSAGES = """
import os, sys
from pathlib import Path
from sqlalchemy import Engine, event
from chatsynth.database.migrate import migrate

@event.listens_for(Engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    if "CREATE TABLE messages" in statement:
        os._exit(9)

migrate(Path(sys.argv[1]))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "chatsynth.sqlite3"


@pytest.fixture
def db(path: Path) -> Iterator[Connection]:
    migrate(path)
    engine = open_writer(path)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _differences(path: Path) -> list[object]:
    engine = open_writer(path)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _is_no_index_of_fts5})
        return list(compare_metadata(context, metadata))


def _is_no_index_of_fts5(_item: object, name: str | None, kind: str, *_: object) -> bool:
    return not (kind == "table" and name is not None and "_fts" in name)


def _found(db: Connection, index: str, words: str) -> list[int]:
    query = f"SELECT rowid FROM {index} WHERE {index} MATCH ? ORDER BY rowid"
    return list(db.exec_driver_sql(query, (words,)).scalars())


def _insert(db: Connection, table: Table, **values: object) -> int:
    key = db.execute(insert(table), values).inserted_primary_key
    assert key is not None
    return int(key[0])


def _insert_chat(db: Connection, title: str) -> int:
    owner = _insert(db, users, email=title, name="A", password_hash="", created_at=1)
    return _insert(db, chats, owner_id=owner, title=title, created_at=1, updated_at=1)


def test_an_empty_path_gets_the_schema_that_the_models_describe(path: Path) -> None:
    migrate(path)
    assert _differences(path) == []


def test_a_second_run_changes_nothing(path: Path, db: Connection) -> None:
    chat = _insert_chat(db, "kept")
    migrate(path)
    assert _found(db, "chats_fts", "kept") == [chat]
    assert version_of(db) == newest_version()


def test_an_empty_file_is_upgraded(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    migrate(path)
    assert _differences(path) == []


def test_a_migration_that_was_killed_half_way_is_done_by_the_next_start(path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", DIE_WHILE_CREATING_MESSAGES, path], check=False)
    assert killed.returncode == 9
    migrate(path)
    assert _differences(path) == []


def test_many_that_start_at_once_take_turns(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(migrate, [path] * 8))
    assert _differences(path) == []


def test_a_database_of_a_newer_version_is_refused_in_words(path: Path, db: Connection) -> None:
    db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseNotUsable, match="newer version of ChatSynth"):
        migrate(path)


def test_a_file_that_is_no_database_is_refused_in_words_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("Dear diary, " * 1000)
    with pytest.raises(DatabaseNotUsable, match="cannot be opened"):
        migrate(path)
    assert path.read_text().startswith("Dear diary")


def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseNotUsable, match="cannot be used"):
        migrate(tmp_path / "file" / "chatsynth.sqlite3")


def test_the_index_of_titles_follows_its_rows(db: Connection) -> None:
    chat = _insert_chat(db, "Crème brûlée")
    assert _found(db, "chats_fts", "creme") == [chat]
    db.exec_driver_sql("UPDATE chats SET title = 'Pancakes'")
    assert _found(db, "chats_fts", "creme") == []
    assert _found(db, "chats_fts", "panc*") == [chat]
    db.exec_driver_sql("DELETE FROM chats")
    assert _found(db, "chats_fts", "pancakes") == []


def test_the_index_of_messages_follows_its_rows(db: Connection) -> None:
    chat = _insert_chat(db, "c")
    one = _insert(db, messages, chat_id=chat, role="user", text="walrus")
    other = _insert(db, messages, chat_id=chat, role="user", text="walrus and carpenter")
    assert _found(db, "messages_fts", "walrus") == [one, other]
    db.exec_driver_sql("UPDATE messages SET text = 'oyster' WHERE id = ?", (one,))
    assert _found(db, "messages_fts", "walrus") == [other]
    assert _found(db, "messages_fts", "oyster") == [one]


def test_the_index_forgets_the_messages_of_a_deleted_chat(db: Connection) -> None:
    chat = _insert_chat(db, "c")
    _insert(db, messages, chat_id=chat, role="user", text="walrus")
    db.exec_driver_sql("DELETE FROM chats")
    assert _found(db, "messages_fts", "walrus") == []
    db.exec_driver_sql("INSERT INTO messages_fts(messages_fts, rank) VALUES ('integrity-check', 1)")


def test_an_index_takes_part_in_the_transaction_of_its_rows(db: Connection) -> None:
    db.exec_driver_sql("BEGIN")
    _insert_chat(db, "walrus")
    db.exec_driver_sql("ROLLBACK")
    assert _found(db, "chats_fts", "walrus") == []


def test_the_id_of_a_removed_sign_in_is_not_given_again(db: Connection) -> None:
    values = {"email": "a@b", "name": "A", "password_hash": "", "created_at": 1}
    first = _insert(db, users, **values)
    db.exec_driver_sql("DELETE FROM users")
    assert _insert(db, users, **values) > first


# From 0001 to 0002 ------------------------------------------------------------------------------


def _upgraded_from_first(
    path: Path, platform: str, chat: bytes, messages: list[tuple[str, int | None, bytes]]
) -> bytes:
    """The source of a chat that was imported when each message had its own."""
    migrate_to(path, "0001")
    with closing(sqlite3.connect(path)) as before, before:
        before.execute("INSERT INTO users VALUES (1, 'a@b', 'A', '', 0, 1, NULL)")
        before.execute(
            "INSERT INTO chats (id, owner_id, title, platform, created_at, updated_at) VALUES (1, 1, 'c', ?, 1, 1)",
            (platform,),
        )
        before.execute("INSERT INTO chat_sources VALUES (1, ?)", (zlib.compress(chat),))
        for message_id, (source_id, parent_id, raw) in enumerate(messages, start=1):
            before.execute(
                "INSERT INTO messages (id, chat_id, parent_id, role, text, source_id) VALUES (?, 1, ?, 'user', 'w', ?)",
                (message_id, parent_id, source_id),
            )
            before.execute("INSERT INTO message_sources VALUES (?, ?)", (message_id, zlib.compress(raw)))
    migrate(path)
    assert _differences(path) == []
    with closing(sqlite3.connect(path)) as after:
        ((raw,),) = after.execute("SELECT raw FROM chat_sources").fetchall()
        assert after.execute("SELECT count(*) FROM messages").fetchall() == [(len(messages),)]
    return zlib.decompress(raw)


def test_sources_of_chatgpt_messages_become_one_again(path: Path) -> None:
    messages = [("a", None, b'{"id":"a","n":1}'), ('b"', 1, b'"\xff broken"')]
    whole = _upgraded_from_first(path, "chatgpt", b'{"title":"T"}', messages)
    nodes = json.loads(whole.replace(b"\xff", b""))["mapping"]
    assert json.loads(whole.replace(b"\xff", b""))["title"] == "T"
    assert nodes["a"] == {"id": "a", "parent": None, "children": [], "message": {"id": "a", "n": 1}}
    assert nodes['b"'] == {"id": 'b"', "parent": "a", "children": [], "message": " broken"}
    assert b"\xff" in whole, "nothing is lost, not even what is no text"


def test_sources_of_claude_messages_become_one_again(path: Path) -> None:
    whole = _upgraded_from_first(path, "claude", b"{}", [("a", None, b'{"uuid":"a"}'), ("b", 1, b'{"uuid":"b"}')])
    assert json.loads(whole) == {"chat_messages": [{"uuid": "a"}, {"uuid": "b"}]}
