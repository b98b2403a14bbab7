"""Jobs: their ends, being killed anywhere, going on, being cancelled, and several at once."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from chatsynth.features.chats import lifecycle
from chatsynth.features.chats.editing import edit_with_content
from chatsynth.features.chats.wire import NewChat, NewMessage
from chatsynth.features.imports.leases import LEASE_MS, claim_next
from chatsynth.features.imports.runner import MOST_ATTEMPTS, Runner
from chatsynth.features.imports.service import ask_cancel
from chatsynth.features.imports.wire import ImportJob
from tests.features.imports.exports import chatgpt_chain, chatgpt_export, chatgpt_message
from tests.features.imports.importing import LEASE, Library, assert_adds_up, counts

DIE_IN_A_TRANSACTION = """
import os, sys
from chatsynth.features.imports import pacing, runner, worker

keep = runner.keep_lease
left = int(sys.argv.pop(1))

def keep_or_die(unit, job_id, lease, **values):
    global left
    left -= values.get("state") == "importing"
    if left == 0:
        os._exit(9)
    return keep(unit, job_id, lease, **values)

runner.keep_lease = keep_or_die
pacing.ALONE = pacing.BESIDE_OTHERS  # many small transactions
worker.main(sys.argv[1:])
"""


def worker_arguments(library: Library, job_id: int, lease: str) -> Sequence[str]:
    return ["--job", str(job_id), "--lease", lease, "--database", str(library.database)]


def start_worker(library: Library, job_id: int, lease: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-W", "error", "-m", "chatsynth.features.imports.worker"]
    return subprocess.Popen([*command, *worker_arguments(library, job_id, lease)])


def die_in_transaction(library: Library, job_id: int, number: int) -> None:
    """A worker that is gone in the middle of a transaction, as after kill -9; then its lease ends."""
    claimed = library.context.writer.run(lambda unit: claim_next(unit, "dying"))
    assert claimed == job_id
    arguments = [str(number), *worker_arguments(library, job_id, "dying")]
    assert subprocess.run([sys.executable, "-c", DIE_IN_A_TRANSACTION, *arguments], check=False).returncode == 9
    end_lease(library, job_id)


def end_lease(library: Library, job_id: int) -> None:
    library.context.writer.run(
        lambda unit: unit.db.exec_driver_sql("UPDATE imports SET leased_until = 0 WHERE id = ?", (job_id,))
    )


def go_on(library: Library, job_id: int) -> ImportJob:
    assert library.context.writer.run(lambda unit: claim_next(unit, LEASE)) == job_id
    return library.run(job_id)


def notifications(library: Library) -> list[tuple[object, ...]]:
    return library.rows("SELECT level, message, link FROM notifications ORDER BY id")


def test_the_end_of_an_import_is_notified_with_its_counts(library: Library, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "mine.json", conversations=3)
    job = library.run(library.queue(made.path, LEASE))
    assert (job.state, job.progress.conversations_done) == ("done", 3)
    assert job.progress.bytes_done == job.progress.bytes_total > 0
    ((level, message, link),) = notifications(library)
    assert (level, link) == ("success", f"/imports/{job.id}")
    assert f"“mine.json” has finished: 3 chats from ChatGPT imported with {made.messages} messages" in str(message)


def test_a_worker_that_is_killed_anywhere_loses_nothing_and_doubles_nothing(library: Library, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "export.zip", conversations=120, layout="shards")
    job_id = library.queue(made.path)
    for number in (1, 2, 4):
        die_in_transaction(library, job_id, number)
    done_before = library.count("chats")
    assert 0 < done_before < 120, "the last worker died in the middle"
    job = go_on(library, job_id)
    assert job.state == "done"
    assert job.report is not None
    assert_adds_up(job.report)
    assert job.report.conversations == counts(found=120, imported=120)
    assert job.report.messages == counts(found=made.messages, imported=made.messages)
    assert library.count("messages") == made.messages
    assert library.count("chat_sources") == 120


def test_a_worker_that_is_killed_within_a_large_chat_goes_on_in_it(library: Library, tmp_path: Path) -> None:
    messages = [chatgpt_message(f"m{index}", "user", f"Message {index}") for index in range(3000)]
    path = tmp_path / "export.json"
    path.write_text(json.dumps([chatgpt_chain("c1", messages)]))
    job_id = library.queue(path)
    die_in_transaction(library, job_id, 4)
    assert 0 < library.count("messages") < 3000
    job = go_on(library, job_id)
    assert job.report is not None
    assert job.report.conversations == counts(found=1, imported=1)
    assert job.report.messages == counts(found=3000, imported=3000)
    (leaf,) = library.column("SELECT active_leaf_id FROM chats")
    assert library.column("SELECT source_id FROM messages WHERE id = ?", leaf) == ["m2999"]
    assert library.column("SELECT message_count FROM chats") == [3000]


def test_a_file_that_kills_its_workers_is_given_up(library: Library, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "export.json", conversations=3)
    job_id = library.queue(made.path)
    for _ in range(MOST_ATTEMPTS):
        die_in_transaction(library, job_id, 2)
    job = go_on(library, job_id)
    assert job.state == "failed"
    assert job.report is not None
    assert job.report.error
    assert_adds_up(job.report)


def test_a_job_is_claimed_once_until_its_lease_ends(library: Library, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "export.json", conversations=1)
    job_id = library.queue(made.path)
    writer = library.context.writer
    assert writer.run(lambda unit: claim_next(unit, "one")) == job_id
    assert writer.run(lambda unit: claim_next(unit, "two")) is None
    end_lease(library, job_id)
    assert writer.run(lambda unit: claim_next(unit, "two")) == job_id
    before = library.contents()
    assert Runner(library.context, job_id, "one").run() is None, "the first has lost its lease"
    assert library.contents() == before
    assert LEASE_MS >= 10_000, "longer than any transaction"


def test_a_cancelled_import_keeps_what_is_there_and_another_completes_it(library: Library, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "export.json", conversations=100)
    job_id = library.queue(made.path)
    die_in_transaction(library, job_id, 4)
    kept = library.count("chats")
    assert library.context.writer.run(lambda unit: claim_next(unit, LEASE)) == job_id
    library.context.writer.run(lambda unit: ask_cancel(unit, library.user_id, job_id))
    job = library.run(job_id)
    assert job.state == "cancelled"
    assert job.report is not None
    assert_adds_up(job.report)
    assert job.report.conversations.found == 100
    imported = job.report.conversations.imported
    assert kept <= imported == library.count("chats") < 100
    assert [skip.reason for skip in job.report.skips] == ["cancelled"]
    report = library.import_file(made.path)
    assert report.conversations == counts(found=100, imported=100 - imported, unchanged=imported)
    assert library.count("messages") == made.messages


def test_a_job_that_nobody_works_on_is_cancelled_at_once(library: Library, tmp_path: Path) -> None:
    job_id = library.queue(chatgpt_export(tmp_path / "export.json", conversations=1).path)
    job = library.context.writer.run(lambda unit: ask_cancel(unit, library.user_id, job_id))
    assert job.state == "cancelled"
    assert library.context.writer.run(lambda unit: claim_next(unit, LEASE)) is None


def test_a_job_that_is_left_is_free_for_the_next_process(library: Library, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "export.json", conversations=5)
    job_id = library.queue(made.path, LEASE)
    assert library.run(job_id, wish="stop").state in ("checking", "importing")
    job = go_on(library, job_id)
    assert job.report is not None
    assert job.report.conversations == counts(found=5, imported=5)


@pytest.mark.parametrize("kept_share", [0.3, 0.99])
def test_a_broken_file_leaves_the_library_as_it_was(library: Library, tmp_path: Path, kept_share: float) -> None:
    made = chatgpt_export(tmp_path / "good.json", conversations=30)
    library.import_file(chatgpt_export(tmp_path / "other.json", conversations=3, seed=1).path)
    whole = made.path.read_bytes()
    broken = tmp_path / "broken.json"
    broken.write_bytes(whole[: int(len(whole) * kept_share)])
    before = library.contents()
    job = library.run(library.queue(broken, LEASE))
    assert job.state == "failed"
    assert job.report is not None
    assert "broken.json" in str(job.report.error)
    assert library.contents() == before
    assert notifications(library)[-1][0] == "error"


def test_a_file_that_is_gone_is_a_failure_with_a_sentence(library: Library, tmp_path: Path) -> None:
    job = library.run(library.queue(tmp_path / "gone.zip", LEASE))
    assert job.state == "failed"
    assert job.report is not None
    assert "cannot be opened" in str(job.report.error)


def test_two_imports_of_one_file_at_once_import_it_once(library: Library, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "export.json", conversations=80)
    large = [chatgpt_message(f"m{index}", "user", f"Message {index}") for index in range(1500)]
    chats = json.loads(made.path.read_text())
    made.path.write_text(json.dumps([*chats, chatgpt_chain("large", large)]))
    job_ids = [library.queue(made.path, lease) for lease in ("one", "two")]
    workers = [start_worker(library, job_id, lease) for job_id, lease in zip(job_ids, ("one", "two"), strict=True)]
    assert [worker.wait() for worker in workers] == [0, 0]
    reports = [library.job(job_id).report for job_id in job_ids]
    assert sum(report.messages.imported for report in reports if report) == made.messages + 1500
    for report in reports:
        assert report is not None
        assert_adds_up(report)
        assert report.messages.found == made.messages + 1500
    assert library.count("chats") == 81
    assert library.count("messages") == made.messages + 1500
    assert library.column("SELECT message_count FROM chats WHERE source_id = 'large'") == [1500]


def test_edits_are_stored_between_the_transactions_of_an_import(library: Library, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "export.json", conversations=500)
    new = NewChat(title="Live", messages=(NewMessage(content="0"),))
    writer = library.context.writer
    chat_id, _ = writer.run(lambda unit: lifecycle.create(unit, library.user_id, new, library.by))
    message_id = library.chat_numbered(chat_id).messages[0].id
    access = library.access(chat_id)
    worker = start_worker(library, library.queue(made.path, "worker"), "worker")
    stored_at: list[int] = []
    while worker.poll() is None:
        text = str(len(stored_at))
        writer.run(lambda unit, text=text: edit_with_content(unit, access, message_id, None, text, library.by))  # type: ignore[misc]
        stored_at.append(library.count("chats"))
    assert worker.returncode == 0
    assert len(set(stored_at)) > 3, "edits got their turn at several points of the import"
    assert library.chat_numbered(chat_id).messages[0].content == str(len(stored_at) - 1)
    assert library.count("chats") == 501
