"""Five tabs and a server, in one process, under every fault of cables and processes: in order, without gaps, once, and
everyone ends up equal (promises P4 and P5).

Each number is one history; `CHATSYNTH_TEST_HISTORIES=N` plays N of them. When one fails, the shortest schedule that
still fails is shown; its number goes into `FAILED_ONCE`.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from chatsynth.features.chats.plain import visible_messages
from tests.convergence.again import FIRST, conversation, import_into
from tests.convergence.schedules import SEATS, Step, come_to_rest, play, schedule
from tests.convergence.tab import Tab
from tests.convergence.world import Cast, World, copied
from tests.harness.history import History, check, read_database, report
from tests.harness.own_library import own_library
from tests.harness.person_list import comparable_lists
from tests.harness.replica import comparable

HISTORIES = int(os.environ.get("CHATSYNTH_TEST_HISTORIES", "10"))
STEPS = 400
ENTRIES_AWAY = 1_100
ENTRIES_AWAY = 1_100
_GIVE_PARTS = "UPDATE messages SET parts = ? WHERE source_id = 'm0'"
FAILED_ONCE = (107, 125, 5053)
"""Histories that showed a mistake when they were first played: a change came back otherwise after a gap."""


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """A chat with a fork, a part in a text, and members."""
    folder = tmp_path_factory.mktemp("cast")
    with own_library(folder) as library:
        people = {name: library.person(name) for name in ("ada", "ben", "cleo", "dan")}
        import_into(library.path, folder, people["ada"], conversation(FIRST))
        with library.reading() as db:
            chat_id = db.exec_driver_sql("SELECT id FROM chats").scalar_one()
        for name, role in (("ben", "editor"), ("cleo", "viewer"), ("dan", "editor")):
            library.do(people["ada"], "chat_share", chat={"id": chat_id}, email=f"{name}@example.org", role=role)
        parts = '[{"type": "badge", "at": 0, "text": "a"}, {"type": "badge", "at": 3, "text": "b"}]'
        library.writer.run(lambda unit: unit.db.exec_driver_sql(_GIVE_PARTS, (parts,)))
    return Cast(library.path, people, chat_id, folder)


@pytest.mark.parametrize("seed", [*FAILED_ONCE, *range(HISTORIES)])
def test_everybody_ends_up_equal_whatever_happens_on_the_way(cast: Cast, tmp_path: Path, seed: int) -> None:
    steps = schedule(seed, STEPS)
    failure = _failure(cast, tmp_path, steps)
    if failure is not None:
        shortest = _shortest(steps, lambda some: _failure(cast, tmp_path, some) is not None)
        shown = "\n".join(map(str, shortest))
        raise AssertionError(f"history {seed} fails; these steps are enough:\n{shown}") from failure


def _failure(cast: Cast, folder: Path, steps: Sequence[Step]) -> Exception | None:
    try:
        asyncio.run(_history(copied(cast, folder), steps))
    except Exception as failed:  # noqa: BLE001 - whatever goes wrong, the shortest way to it is wanted
        return failed
    return None


def _shortest(steps: Sequence[Step], fails: Callable[[Sequence[Step]], bool]) -> Sequence[Step]:
    """Leaves out halves, quarters and so on, as long as what is left still fails."""
    size = len(steps) // 2
    while size:
        start = 0
        while start < len(steps):
            fewer = [*steps[:start], *steps[start + size :]]
            if fails(fewer):
                steps = fewer
            else:
                start += size
        size //= 2
    return steps


async def _history(cast: Cast, steps: Sequence[Step]) -> None:
    async with _judged(cast) as world:
        await play(world, steps)


@asynccontextmanager
async def _judged(cast: Cast) -> AsyncIterator[World]:
    """Everybody is there when it begins; when it ends they come to rest, and are compared."""
    with capture_logs() as logged:
        world = World(cast, SEATS)
        await world.node.start()
        try:
            await come_to_rest(world)
            yield world
            await come_to_rest(world)
            _everything_is_equal(world)
            _no_rule_was_broken(world)
        finally:
            await world.node.crash()
    mistakes = [each for each in logged if each["log_level"] not in ("debug", "info", "warning")]
    assert not mistakes, "the server made mistakes"


@pytest.mark.parametrize("is_pruned", [False, True], ids=["kept", "pruned"])
def test_a_tab_comes_back_after_a_thousand_entries(cast: Cast, tmp_path: Path, is_pruned: bool) -> None:
    """With changes of its own that were on their way; the log continues, or a snapshot and the rest of the log do."""
    asyncio.run(_away_for_long(copied(cast, tmp_path), is_pruned))


async def _away_for_long(cast: Cast, is_pruned: bool) -> None:
    async with _judged(cast) as world:
        away = world.tabs[2]
        assert away.editor is not None
        message_id = away.editor.messages[0]["id"]
        away.editor.type(message_id, 0, 0, "sent 🥊")
        away.send_what_waits()
        world.leave_half_open(away)
        away.editor.type(message_id, 0, 0, "typed while away")
        for number in range(ENTRIES_AWAY):
            target = {"id": cast.chat_id, "messageId": message_id, "content": f"{number} 漢字 {'x' * (number % 9)}"}
            world.command(cast.people["ada"], {"type": "chat_update", "chat": target})
        await come_to_rest(world, [tab for tab in world.tabs if tab is not away])
        if is_pruned:
            world.prune_up_to(away.chat_channel, ENTRIES_AWAY - 300)
        before = len(away.records)
    returned = [frame["type"] for record in away.records[before:] for way, frame in record.frames if way == "received"]
    assert ("snapshot_needed" in returned) == is_pruned
    assert "typed while away" in away.editor.shown(message_id)


def _everything_is_equal(world: World) -> None:
    for tab in world.tabs:
        lists = world.snapshot(tab, "lists")
        assert tab.lists is not None
        assert lists is not None
        assert comparable_lists(tab.lists) == comparable_lists(lists)
        fresh = world.snapshot(tab, "chat")
        if fresh is None:
            assert tab.editor is None
            continue
        assert tab.editor is not None
        assert comparable(tab.editor.chat) == comparable(fresh)
        assert [tab.editor.shown(message["id"]) for message in tab.editor.messages] == _transcript(world, tab)


def _transcript(world: World, tab: Tab) -> list[str]:
    """What an export would hold."""
    fresh = world.snapshot(tab, "chat")
    assert fresh is not None
    hidden = {message["id"]: message["content"] for message in fresh["messages"] if message["hidden"]}
    visible = {each.id: each.content for each in world.node.read(lambda db: visible_messages(db, tab.chat_id))}
    return [(hidden | visible)[message["id"]] for message in fresh["messages"]]


def _no_rule_was_broken(world: World) -> None:
    records = [record for tab in world.tabs for record in tab.records]
    for tab in world.tabs:
        tab.records[-1].settled = True
    loaded = [(tab.user_id, snapshot) for tab in world.tabs for snapshot in tab.loaded_chats]
    fresh = [(tab.user_id, snapshot) for tab in world.tabs if (snapshot := world.snapshot(tab, "chat"))]
    findings = check(History(records, read_database(world.cast.database), loaded, fresh))
    assert not findings, report(findings)
