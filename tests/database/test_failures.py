"""What goes wrong in a transaction: a mistake is its command's own, a fault of the storage passes."""

import sqlite3
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from chatsynth.database.engine import open_writer
from chatsynth.database.failures import StorageFault, storage_fault, why_not_stored
from chatsynth.database.migrate import migrate
from chatsynth.database.unit import Unit
from chatsynth.database.writer import WriteFailed, Writer
from tests.database.store import Store, put, run_sql


def end_the_transaction(unit: Unit[str]) -> None:
    unit.db.exec_driver_sql("ROLLBACK")
    raise ValueError("a handler that ended the transaction")


MISTAKES: list[tuple[Callable[[Unit[str]], object], type[Exception]]] = [
    (run_sql("SELECT no_such_column FROM users"), OperationalError),
    (run_sql("SELECT * FROM no_such_table"), OperationalError),
    (run_sql("INSERT INTO login_failures (email, address, at) VALUES (NULL, '', 0)"), IntegrityError),
    (run_sql("INSERT INTO logins (user_id, secret_hash, created_at, expires_at) VALUES (99, '', 0, 0)"), DBAPIError),
    (lambda unit: unit.db.connection.cursor().execute("SELECT nothing"), sqlite3.OperationalError),
    (lambda unit: unit.db.connection.cursor().execute("SELECT ?", (object(),)), sqlite3.ProgrammingError),
    (lambda _: len(5), TypeError),  # type: ignore[arg-type]
    (lambda _: int("x"), ValueError),
    (lambda _: (_ for _ in ()).throw(MemoryError()), MemoryError),
    (lambda _: sys.exit(1), RuntimeError),
]


@pytest.mark.parametrize(("mistake", "error"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_of_one_command_is_its_own_and_its_neighbours_are_stored(
    store: Store, mistake: Callable[[Unit[str]], object], error: type[Exception]
) -> None:
    def put_and_err(unit: Unit[str]) -> object:
        put("wrong")(unit)
        return mistake(unit)

    with store.as_one_group():
        before, wrong, after = (store.writer.submit(work) for work in (put("a"), put_and_err, put("b")))
    assert [before.result(), after.result()] == ["a", "b"]
    with pytest.raises(error):
        wrong.result()
    assert store.rows() == ["a", "b"] == store.published


def test_a_command_that_ends_the_transaction_leaves_nothing_and_the_writer_goes_on(store: Store) -> None:
    with store.as_one_group():
        futures = [store.writer.submit(work) for work in (put("a"), end_the_transaction, put("b"))]
    for future in futures:
        with pytest.raises(WriteFailed, match="was not stored"):
            future.result()
    assert store.rows() == [] == store.published
    assert store.writer.run(put("after")) == "after"


def close_the_connection(unit: Unit[str]) -> None:
    unit.db.connection.close()


def break_the_connection(unit: Unit[str]) -> None:
    driver = unit.db.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.close()


@pytest.mark.parametrize("breaking", [close_the_connection, break_the_connection])
def test_a_broken_connection_is_replaced(store: Store, breaking: Callable[[Unit[str]], None]) -> None:
    with store.as_one_group():
        futures = [store.writer.submit(work) for work in (put("a"), breaking, put("b"))]
    for future in futures:
        with pytest.raises(WriteFailed):
            future.result()
    assert store.writer.run(put("after")) == "after"
    assert store.rows() == ["after"] == store.published


def test_who_listens_cannot_end_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "chatsynth.sqlite3"
    migrate(path)

    def fail(*_: object) -> None:
        raise RuntimeError("the loop has ended")

    writer: Writer[str] = Writer(open_writer(path), lambda: 5, fail, lambda _: None)
    writer.start()
    assert [writer.run(put("a")), writer.run(put("b"))] == ["a", "b"]
    writer.stop()


def test_a_database_that_another_program_holds_is_waited_for_and_then_told(tmp_path: Path) -> None:
    path = tmp_path / "chatsynth.sqlite3"
    migrate(path)
    writer: Writer[str] = Writer(open_writer(path), lambda: 5, lambda _: None, lock_timeout_s=0.05)
    writer.start()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(WriteFailed, match="busy with another program"):
            writer.run(put("meanwhile"))
        other.execute("ROLLBACK")
    assert writer.run(put("later")) == "later"
    writer.stop()


def test_a_file_that_was_read_only_is_written_again_when_it_may_be(store: Store) -> None:
    store.writer.run(put("before"))
    store.writer.run(run_sql("PRAGMA query_only = ON"))  # no permission stops root
    with pytest.raises(WriteFailed, match="read-only"):
        store.writer.run(put("meanwhile"))
    assert store.writer.run(put("after")) == "after"
    assert store.rows() == ["before", "after"]


def test_a_change_that_comes_while_the_writer_stops_is_stored_or_refused_and_never_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "chatsynth.sqlite3"
    migrate(path)
    store = Store(path)
    store.writer.start()
    futures: list[Future[str]] = []
    stopping = threading.Thread(target=store.writer.stop)
    for number in range(500):
        futures.append(store.writer.submit(put(f"{number}")))
        if number == 250:
            stopping.start()
    stopping.join()
    stored = [future.result() for future in futures if future.exception(30) is None]
    assert stored == store.rows()
    assert len(stored) >= 251


# What a failure means ---------------------------------------------------------------------------


def raised_by(path: Path, *statements: str) -> sqlite3.Error:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        try:
            for statement in statements:
                db.execute(statement)
        except sqlite3.Error as failed:
            return failed
    raise AssertionError("nothing failed")


def test_faults_of_the_storage_are_told_apart_from_mistakes(tmp_path: Path) -> None:
    whole, damaged = tmp_path / "whole", tmp_path / "damaged"
    damaged.write_bytes(b"not a database, but long enough to have a header" * 20)
    with closing(sqlite3.connect(whole)) as db:
        db.execute("CREATE TABLE t (x TEXT UNIQUE)")
    full = raised_by(whole, "PRAGMA max_page_count = 3", "INSERT INTO t VALUES (zeroblob(100000))")
    read_only = raised_by(whole, "PRAGMA query_only = ON", "INSERT INTO t VALUES (1)")
    wrapped = DBAPIError("INSERT", None, full)
    assert storage_fault(full) is storage_fault(wrapped) is StorageFault.FULL
    assert storage_fault(read_only) is StorageFault.READ_ONLY
    assert storage_fault(raised_by(damaged, "SELECT * FROM t")) is StorageFault.DAMAGED
    assert storage_fault(raised_by(whole, "SELECT y FROM t")) is None
    assert storage_fault(raised_by(whole, "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)")) is None
    assert storage_fault(ValueError("the disk is full of it")) is None
    with pytest.raises(sqlite3.OperationalError) as unreachable:
        sqlite3.connect(tmp_path / "no" / "such" / "folder")
    assert storage_fault(unreachable.value) is StorageFault.UNREACHABLE


@pytest.mark.parametrize("fault", [*StorageFault, None])
def test_each_fault_is_told_in_sentences(fault: StorageFault | None) -> None:
    assert why_not_stored(fault).count(".") == 2
    assert "None" not in why_not_stored(fault)
