"""The writer: many changes in one transaction, each alone in its failure, none acknowledged that is not on disk."""

import asyncio
import resource
import signal
import sqlite3
import threading
import time
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text

from chatsynth.database.engine import open_readers
from chatsynth.database.migrate import migrate
from chatsynth.database.unit import Unit
from chatsynth.database.writer import GROUP_WORK_S, WriteFailed
from tests.database.store import ROW, Store, put, put_and_fail


def test_a_change_is_on_disk_and_published_when_its_future_ends(store: Store) -> None:
    assert store.writer.run(put("a")) == "a"
    assert (store.rows(), store.published) == (["a"], ["a"])


def test_a_failing_command_does_not_hurt_its_group(store: Store) -> None:
    with store.as_one_group():
        futures = [store.writer.submit(work) for work in (put("a"), put_and_fail("b"), put("c"))]
    assert [futures[0].result(), futures[2].result()] == ["a", "c"]
    with pytest.raises(ValueError, match="b"):
        futures[1].result()
    assert (store.rows(), store.published) == (["a", "c"], ["a", "c"])


def test_the_order_of_commits_is_the_order_of_submission_and_of_publication(store: Store) -> None:
    names = [f"{number:03}" for number in range(600)]
    futures = [store.writer.submit(put(name)) for name in names]
    assert [future.result() for future in futures] == names
    assert store.rows() == names == store.published


def test_one_persons_queue_does_not_stand_before_anothers_change(store: Store) -> None:
    """Promise P7: whoever comes last in a lane of their own is among the first to be served."""
    with store.as_one_group():
        hog = [store.writer.submit(put(f"hog {n}"), "user:1") for n in range(300)]
        other = store.writer.submit(put("other"), "user:2")
    assert other.result() == "other"
    assert [future.result() for future in hog] == [f"hog {n}" for n in range(300)]
    assert store.rows()[:3] == ["hog 0", "other", "hog 1"]


def test_a_group_that_has_worked_long_is_committed_before_the_rest_of_the_queue(store: Store) -> None:
    def slow(unit: Unit[str]) -> str:
        deadline_s = time.thread_time() + 2 * GROUP_WORK_S
        while time.thread_time() < deadline_s:
            pass
        return put("slow")(unit)

    with store.as_one_group():
        first, second = store.writer.submit(slow, "user:1"), store.writer.submit(slow, "user:1")
        first_was_answered = store.writer.submit(lambda _: first.done(), "user:2")
    assert first_was_answered.result()
    assert {first.result(), second.result()} == {"slow"}


def test_many_threads_lose_nothing(store: Store) -> None:
    def write(thread: int) -> None:
        for number in range(50):
            store.writer.run(put(f"{thread}-{number}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(store.rows()) == sorted(f"{thread}-{number}" for thread in range(8) for number in range(50))
    assert store.rows() == store.published


def test_a_cancelled_command_is_not_carried_out_and_the_writer_goes_on(store: Store) -> None:
    with store.as_one_group():
        given_up, kept = store.writer.submit(put("a")), store.writer.submit(put("b"))
        assert given_up.cancel()
    assert kept.result() == "b"
    assert store.rows() == ["b"]


def test_a_task_that_is_cancelled_while_its_change_is_carried_out_does_not_stop_the_writer(store: Store) -> None:
    entered, gate = threading.Event(), threading.Event()

    def slow(unit: Unit[str]) -> str:
        entered.set()
        gate.wait()
        return put("slow")(unit)

    async def ask_and_give_up() -> None:
        task = asyncio.ensure_future(store.writer.write(slow))
        await asyncio.to_thread(entered.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.set()
        assert await store.writer.write(put("next")) == "next"

    asyncio.run(ask_and_give_up())
    assert store.rows() == ["slow", "next"]


def test_a_disk_that_is_full_fails_the_group_and_nothing_is_acknowledged(store: Store) -> None:
    """The limit is the database's own, so that the test fills no disk."""
    store.writer.run(put("before"))
    with store.as_one_group():
        store.writer.submit(lambda unit: unit.db.exec_driver_sql("PRAGMA max_page_count = 1"))
        futures: list[Future[str]] = [store.writer.submit(put(f"{n}", size=20_000)) for n in range(50)]
    for future in futures:
        with pytest.raises(WriteFailed, match="disk of the server is full"):
            future.result()
    assert (store.rows(), store.published) == (["before"], ["before"])
    store.writer.run(lambda unit: unit.db.exec_driver_sql("PRAGMA max_page_count = 1000000"))
    assert store.writer.run(put("after", size=20_000)) == "after"
    assert store.rows() == ["before", "after"]


def test_a_file_that_may_not_grow_fails_the_commit_and_the_writer_recovers_by_itself(store: Store) -> None:
    store.writer.run(put("before"))
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (store.path.with_name(f"{store.path.name}-wal").stat().st_size, hard))
    try:
        future = store.writer.submit(put("too much", size=3_000_000))
        with pytest.raises(WriteFailed) as failed:
            future.result()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    assert "was not stored" in str(failed.value)
    assert store.rows() == ["before"] == store.published
    assert store.writer.run(put("after", size=3_000_000)) == "after"
    assert store.rows() == ["before", "after"]


def test_a_command_that_was_refused_hears_why_even_if_the_commit_fails(store: Store) -> None:
    with store.as_one_group():
        store.writer.submit(lambda unit: unit.db.exec_driver_sql("PRAGMA max_page_count = 1"))
        refused, failed = store.writer.submit(put_and_fail("r")), store.writer.submit(put("f", size=2_000_000))
    with pytest.raises(ValueError, match="r"):
        refused.result()
    with pytest.raises(WriteFailed):
        failed.result()


def test_what_is_logged_of_a_failure_does_not_hold_what_people_wrote(store: Store) -> None:
    with structlog.testing.capture_logs() as logged:
        with store.as_one_group():
            store.writer.submit(lambda unit: unit.db.exec_driver_sql("PRAGMA max_page_count = 1"))
            failed = store.writer.submit(put("a diary", size=100_000))
        with pytest.raises(WriteFailed):
            failed.result()
        store.writer.stop()
    assert [line["event"] for line in logged] == ["commit failed"]
    assert "a diary" not in str(logged)


def test_another_process_that_writes_is_waited_for_and_noticed(store: Store) -> None:
    store.writer.run(put("ours"))
    store.foreign.clear()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute(ROW, {"email": "theirs", "address": ""})
        future = store.writer.submit(put("ours too"))
        assert not future.done()
        other.execute("COMMIT")
    assert future.result() == "ours too"
    assert store.foreign.wait(30)
    assert store.rows() == ["ours", "theirs", "ours too"]


def test_what_others_committed_is_looked_at_before_the_next_commit_even_if_it_could_not_be_at_first(
    store: Store,
) -> None:
    """Rights that another process ended are among it (promise P6)."""
    store.writer.run(put("ours"))
    store.looks_fail = True
    store.foreign.clear()
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute(ROW, {"email": "theirs", "address": ""})
    assert store.foreign.wait(30)
    with pytest.raises(WriteFailed):
        store.writer.run(put("too early"))
    store.looks_fail = False
    store.looked_before = ["nothing yet"]
    store.writer.run(put("ours too"))
    assert store.looked_before == ["ours"]
    assert store.rows() == ["ours", "theirs", "ours too"]


def test_ones_own_commits_are_no_news_from_others(store: Store) -> None:
    readers = open_readers(store.path)
    for number in range(5):
        store.writer.run(put(f"{number}"))
        if number == 0:
            store.foreign.clear()  # a new connection cannot know what was before it
        with readers.begin() as db:
            db.execute(text("SELECT count(*) FROM login_failures")).scalar_one()
    readers.dispose()
    assert not store.foreign.is_set()


def test_what_waits_is_committed_before_the_writer_ends_and_later_changes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "chatsynth.sqlite3"
    migrate(path)
    store = Store(path)
    futures = [store.writer.submit(put(f"{number}")) for number in range(10)]
    store.writer.start()
    store.writer.stop()
    assert [future.result() for future in futures] == store.rows()
    with pytest.raises(WriteFailed, match="is stopping"):
        store.writer.run(put("late"))


def test_readers_cannot_write_and_see_one_moment(store: Store) -> None:
    readers = open_readers(store.path)
    with readers.begin() as db:
        before = db.execute(text("SELECT count(*) FROM login_failures")).scalar_one()
        store.writer.run(put("meanwhile"))
        assert db.execute(text("SELECT count(*) FROM login_failures")).scalar_one() == before
        with pytest.raises(Exception, match=r"readonly|query_only"):
            db.execute(text(ROW), {"email": "x", "address": ""})
    readers.dispose()


def test_a_commit_waits_for_the_disk(store: Store) -> None:
    """A killed process cannot show this, only a power cut can: SQLite is told to wait for every commit."""
    full, write_ahead = 2, "wal"
    assert store.writer.run(lambda unit: unit.db.exec_driver_sql("PRAGMA synchronous").scalar_one()) == full
    assert store.writer.run(lambda unit: unit.db.exec_driver_sql("PRAGMA journal_mode").scalar_one()) == write_ahead
