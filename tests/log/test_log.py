"""The log: offsets without gaps, every op once, pages that reach the head, pruning that is never silent."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import update

from chatsynth.features.chats.wire import ChatRetitled
from chatsynth.log.append import NOBODY, Authorship, append, channel_position
from chatsynth.log.execute import UNEXPECTED, CommandExecutor, Handlers
from chatsynth.log.prune import prunable, prune
from chatsynth.log.recover import PAGE_ENTRIES, heads, read_page
from chatsynth.log.soundness import unsound_logs
from chatsynth.log.tables import entries
from chatsynth.node import command_handlers
from chatsynth.realtime.errors import Refused
from chatsynth.realtime.frames import Ack, Error
from chatsynth.realtime.identity import Identity, Origin
from chatsynth.realtime.publication import Publication
from chatsynth.realtime.settings import LiveSettings
from tests.harness.own_library import OwnLibrary, command_of, own_library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[OwnLibrary]:
    with own_library(tmp_path) as library:
        yield library


def test_offsets_have_no_gaps_under_many_writers(library: OwnLibrary) -> None:
    ada = library.person("ada")
    chats = [library.new_chat(ada) for _ in range(3)]
    library.published.clear()

    def write(number: int) -> None:
        for each in range(40):
            chat = chats[(number + each) % 3]
            library.do(ada, "chat_retitle", chat={"id": chat["id"], "title": f"{number}-{each}"})
            with pytest.raises(Refused):
                library.do(ada, "message_remove", chat={"id": chat["id"], "messageId": 999})

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    for chat in chats:
        entries = library.entries(chat["channel"])
        assert [entry["offset"] for entry in entries] == list(range(1, len(entries) + 1))
        told = [
            each.offset
            for each in library.published
            if isinstance(each, Publication) and each.channel == chat["channel"]
        ]
        assert told == list(range(chat["offset"] + 1, len(entries) + 1))
    assert sum(len(library.entries(chat["channel"])) for chat in chats) == 3 + 240


def test_two_writers_with_the_same_op_at_once_take_effect_once(library: OwnLibrary) -> None:
    ada = library.person("ada")
    chat = library.new_chat(ada)
    start = threading.Barrier(8)

    def add(number: int) -> list[object]:
        start.wait()
        made = [
            library.do(ada, "message_add", op=f"op-{each}", chat={"id": chat["id"]}, message={"content": f"{each}"})
            for each in range(25)
        ]
        assert number >= 0
        return list(made)

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(add, range(8)))
    assert all(each == outcomes[0] for each in outcomes)
    assert [message["content"] for message in library.chat(ada, chat["id"])["messages"]] == [str(n) for n in range(25)]


def test_a_refused_change_is_not_remembered(library: OwnLibrary) -> None:
    ada = library.person("ada")
    chat = library.new_chat(ada)
    for _ in range(2):
        with pytest.raises(Refused):
            library.do(ada, "message_remove", op="r-1", chat={"id": chat["id"], "messageId": 999})
    assert library.chat(ada, chat["id"]) == chat


def test_pages_reach_the_head_and_are_bounded(library: OwnLibrary) -> None:
    def fill(size: int, count: int) -> None:
        library.writer.run(
            lambda unit: [append(unit, "chat:1", ChatRetitled(title="x" * size), NOBODY) for _ in range(count)]
        )

    fill(1, PAGE_ENTRIES + 100)
    fill(400_000, 3)
    sizes, after = [], 0
    with library.reading() as db:
        while page := read_page(db, "chat:1", after).entries:
            assert [each.offset for each in page] == list(range(after + 1, after + 1 + len(page)))
            sizes.append(len(page))
            after = page[-1].offset
    assert sizes[0] == PAGE_ENTRIES
    assert sizes[-2:] == [1, 1]
    assert sum(sizes) == PAGE_ENTRIES + 103


def test_a_log_without_entries(library: OwnLibrary) -> None:
    with library.reading() as db:
        assert channel_position(db, "chat:1") == ("", 0)
        assert heads(db, ["chat:1"]) == {}
        assert (read_page(db, "chat:1", 0).entries, read_page(db, "chat:1", 0).head) == ((), 0)


def test_heads_of_more_channels_than_a_statement_takes(library: OwnLibrary) -> None:
    names = [f"chat:{number}" for number in range(1300)]
    library.writer.run(lambda unit: [append(unit, name, ChatRetitled(title=""), NOBODY) for name in names])
    with library.reading() as db:
        assert {name: each.head for name, each in heads(db, names).items()} == dict.fromkeys(names, 1)


def test_an_entry_is_the_same_published_and_read_back(library: OwnLibrary) -> None:
    by = Authorship(7, "my-op")
    library.writer.run(lambda unit: append(unit, "chat:1", ChatRetitled(title="“é” \u2028 😀"), by))
    (published,) = library.published
    assert isinstance(published, Publication)
    with library.reading() as db:
        (read,) = read_page(db, "chat:1", 0).entries
    assert (read.payload, read.epoch, read.offset) == (published.payload, published.epoch, published.offset)


def test_pruning_keeps_the_head_and_says_how_far_it_went(library: OwnLibrary) -> None:
    for number in range(10):
        library.writer.run(lambda unit, n=number: append(unit, "user:1", ChatRetitled(title=f"{n}"), NOBODY))  # type: ignore[misc]
    ((channel_id, last),) = _prunable(library, library.now_ms - 3)
    library.writer.run(lambda unit: prune(unit, channel_id, last))
    with library.reading() as db:
        assert heads(db, ["user:1"])["user:1"].pruned_to == last
        assert heads(db, ["user:1"])["user:1"].head == 10
    assert [entry["offset"] for entry in library.entries("user:1")] == list(range(last + 1, 11))
    assert library.writer.run(lambda unit: append(unit, "user:1", ChatRetitled(title="next"), NOBODY)) == 11
    assert _prunable(library, library.now_ms - 1000) == []


def _prunable(library: OwnLibrary, before_ms: int) -> list[tuple[int, int]]:
    with library.reading() as db:
        return prunable(db, "user", before_ms)


def test_a_gap_is_found_also_where_the_number_of_entries_is_right(library: OwnLibrary) -> None:
    for number in range(5):
        library.writer.run(lambda unit, n=number: append(unit, "user:1", ChatRetitled(title=f"{n}"), NOBODY))  # type: ignore[misc]
    library.writer.run(lambda unit: prune(unit, 1, 2))
    with library.reading() as db:
        assert list(unsound_logs(db)) == []
    library.writer.run(lambda unit: unit.db.execute(update(entries).where(entries.c.offset == 4).values(offset=1)))
    with library.reading() as db:
        assert [sentence.split()[0] for sentence in unsound_logs(db)] == ["user:1"]


# Carrying out commands --------------------------------------------------------------------------


@pytest.mark.anyio
async def test_a_full_disk_is_an_error_and_never_an_ack_and_the_same_op_works_later(library: OwnLibrary) -> None:
    ada = library.person("ada")
    chat = library.new_chat(ada)
    executor = CommandExecutor(library.writer, command_handlers(LiveSettings().max_text_units, 10**6), lambda *_: True)
    origin = Origin(Identity(ada, "ada", "token:1", None), "s", None)
    new = {"content": "x" * 1_000_000}
    frame = {"type": "message_add", "op": "m-1", "chat": {"id": chat["id"]}, "message": new}
    _limit_pages(library, 1)
    refused = await executor.execute(origin, command_of(frame))
    assert isinstance(refused, Error)
    assert (refused.op, refused.code) == ("m-1", "unavailable")
    assert "full" in refused.message
    assert library.chat(ada, chat["id"]) == chat
    _limit_pages(library, 1_000_000)
    done = await executor.execute(origin, command_of(frame))
    assert isinstance(done, Ack)
    assert done.offset == chat["offset"] + 1


def _limit_pages(library: OwnLibrary, pages: int) -> None:
    library.writer.run(lambda unit: unit.db.exec_driver_sql(f"PRAGMA max_page_count = {pages}"))


@pytest.mark.anyio
async def test_a_mistake_of_ours_is_an_error_without_its_details(
    library: OwnLibrary, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = library.person("ada")
    command = command_of({"type": "notification", "op": "n-1", "message": "hello"})

    def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    handler = command_handlers(LiveSettings().max_text_units, 10**6)[type(command)]
    handlers: Handlers = {type(command): type(handler)(broken)}  # type: ignore[arg-type]
    executor = CommandExecutor(library.writer, handlers, lambda *_: True)
    answer = await executor.execute(Origin(Identity(ada, "", "token:1", None), "s", None), command)
    assert isinstance(answer, Error)
    assert (answer.op, answer.code, answer.message) == ("n-1", "internal", f"{UNEXPECTED} (connection s).")
    assert "command failed" in capsys.readouterr().out
