"""A gap has several ways to be repaired, and in a server at work one hides that another is broken. Here each is alone
(promise P4).

The offsets find it with the next entry; the hint of another process's commit finds it without one. What gets lost
between server and page is found by the heads of a heartbeat: `frontend/src/realtime/session.test.ts`, rule HB2.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chatsynth.database.engine import open_writer
from chatsynth.database.writer import Writer
from chatsynth.realtime.publication import AfterCommit
from tests.convergence.cast import beginning
from tests.convergence.schedules import SEATS, come_to_rest
from tests.convergence.verdict import nothing_is_wrong
from tests.convergence.world import Cast, World, copied
from tests.harness.json_types import JsonDict
from tests.harness.live_client import new_op
from tests.harness.own_library import execute_in


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    return beginning(tmp_path_factory.mktemp("cast"))


def test_the_offsets_alone_find_what_nobody_was_told(cast: Cast, tmp_path: Path) -> None:
    asyncio.run(_found_by_offsets(copied(cast, tmp_path)))


def test_the_hint_alone_finds_what_nothing_follows(cast: Cast, tmp_path: Path) -> None:
    asyncio.run(_found_by_hint(copied(cast, tmp_path)))


async def _found_by_offsets(cast: Cast) -> None:
    async with _at_rest(cast, hears_of_others=False) as world:
        before = _offsets(world)
        _write_beside(world)
        await come_to_rest(world)
        assert _offsets(world) == before, "nobody has heard of it"
        world.tabs[0].ask(_retitle(world, "here"))
        world.flush(world.tabs[0])
        await come_to_rest(world)
        assert _offsets(world) == [offset + 2 for offset in before]
        nothing_is_wrong(world)


async def _found_by_hint(cast: Cast) -> None:
    async with _at_rest(cast, hears_of_others=True) as world:
        before = _offsets(world)
        _write_beside(world)
        await come_to_rest(world)
        assert _offsets(world) == [offset + 1 for offset in before]
        nothing_is_wrong(world)


@asynccontextmanager
async def _at_rest(cast: Cast, *, hears_of_others: bool) -> AsyncIterator[World]:
    world = World(cast, SEATS)
    await world.node.start(hears_of_others=hears_of_others)
    try:
        await come_to_rest(world)
        yield world
    finally:
        await world.node.crash()


def _offsets(world: World) -> list[int]:
    return [tab.editor.offset for tab in world.tabs if tab.editor is not None]


def _write_beside(world: World) -> None:
    """As another process does."""
    beside: Writer[AfterCommit] = Writer(open_writer(world.cast.database), world.clock, lambda _: None)
    beside.start()
    execute_in(beside, world.cast.people["ada"], _retitle(world, "beside"))
    beside.stop()


def _retitle(world: World, title: str) -> JsonDict:
    return {"type": "chat_retitle", "op": new_op(), "chat": {"id": world.cast.chat_id, "title": title}}
