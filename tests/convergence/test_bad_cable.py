"""People type over a cable that cuts, swallows and delays, while the server is killed and started again: everybody ends
up equal, and no rule of the protocol was broken (promises P4 and P5).

The same with a disk that fails and floods beside it: tests/faults/test_chaos.py. Each seed is one history.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.convergence.judging import no_rule_was_broken
from tests.faults.chaos.cable import BadCable
from tests.harness.live_client import Tabs
from tests.harness.people import sign_up
from tests.harness.replica import comparable
from tests.harness.running_server import RunningServer, running_server
from tests.harness.typist import LOST, Typist

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

SEEDS = range(2)
TROUBLES = 8
STEPS_BETWEEN = 15
START = ("Zwölf Boxkämpfer 🥊\n\njagen Viktor", "漢字とかな\nかな", "", "e\u0301 👩‍👩‍👧 🇩🇪")


@dataclass
class _Scene:
    server: RunningServer
    cable: BadCable
    typists: list[Typist]
    random: Random


@asynccontextmanager
async def _scene(folder: Path, tabs: Tabs, random: Random) -> AsyncIterator[_Scene]:
    with running_server(folder / "data") as server:
        cable = BadCable(server.port, Random(random.random()))
        server.live_port = await cable.start()
        ada, ben = sign_up(server, "Ada"), sign_up(server, "Ben")
        chat = ada.new_chat(*START)
        ada.share(chat["id"], ben)
        typists = [Typist(tabs, each, chat["id"], Random(random.random())) for each in (ada, ada, ben, ben, ben)]
        try:
            yield _Scene(server, cable, typists, random)
        finally:
            cable.stop()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", SEEDS)
async def test_everybody_ends_up_equal_over_a_bad_cable(tabs: Tabs, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    async with _scene(tmp_path, tabs, random) as scene:
        for _ in range(TROUBLES):
            await random.choice(TROUBLE)(scene)
            for _ in range(STEPS_BETWEEN):
                await _step(random, random.choice(scene.typists))
        await _come_to_rest(scene)
        _everything_is_equal(scene)
        no_rule_was_broken(tabs, scene.typists)


# Troubles -------------------------------------------------------------------------------------------


async def _cut(scene: _Scene) -> None:
    scene.cable.cut()


async def _cut_in_a_frame(scene: _Scene) -> None:
    scene.cable.cut_in_the_middle()


async def _swallow(scene: _Scene) -> None:
    """Both ends believe that the connection stands, and what is sent is lost."""
    scene.cable.go_half_open()
    for typist in scene.typists:
        typist.type()
        await _unless_lost(typist, typist.send_what_waits)
    scene.cable.mend()


async def _delay(scene: _Scene) -> None:
    scene.cable.delay_s = 0.002


async def _kill(scene: _Scene) -> None:
    scene.server.kill()
    await asyncio.to_thread(scene.server.start)


TROUBLE: tuple[Callable[[_Scene], Awaitable[None]], ...] = (
    _cut,
    _cut,
    _cut_in_a_frame,
    _cut_in_a_frame,
    _swallow,
    _swallow,
    _delay,
    _kill,
)


# What people do -------------------------------------------------------------------------------------


async def _step(random: Random, typist: Typist) -> None:
    what = random.random()
    if what < 0.5:
        typist.type()
    elif what < 0.75:
        await _unless_lost(typist, typist.send_what_waits)
    elif what < 0.9:
        await _unless_lost(typist, typist.catch_up)
    else:
        await _unless_lost(typist, typist.restructure)


async def _unless_lost(typist: Typist, act: Callable[[], Awaitable[None]]) -> None:
    try:
        await act()
    except LOST:
        typist.drop()


async def _come_to_rest(scene: _Scene) -> None:
    scene.cable.mend()
    while not all(typist.is_settled for typist in scene.typists):
        for typist in scene.typists:
            await _unless_lost(typist, typist.send_what_waits)
            await _unless_lost(typist, typist.catch_up)
    for typist in scene.typists:
        await typist.catch_up()


def _everything_is_equal(scene: _Scene) -> None:
    for typist in scene.typists:
        typist.check_entries()
        fresh = typist.person.chat(typist.loaded["id"])
        assert comparable(typist.editor.chat) == comparable(fresh)
        assert typist.entries == scene.typists[0].entries
