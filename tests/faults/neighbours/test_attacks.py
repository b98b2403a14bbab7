"""Promise P7: whatever one person's connections do, everybody else's changes are acknowledged and seen meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.faults.neighbours.attacks import ATTACKS, Attack, Scene
from tests.harness.live_client import LiveClient, Tabs
from tests.harness.people import sign_up
from tests.harness.running_server import RunningServer, running_server

pytestmark = pytest.mark.anyio

EDITS = 8
LONG_LOG = 60
SETTINGS = {"LIVE_STALL_TIMEOUT_S": "2", "HTTP_HEAD_TIMEOUT_S": "2", "HTTP_MAX_WAITING_CONNECTIONS": "60"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Fails in the end if an attack made the server log a mistake."""
    with running_server(tmp_path_factory.mktemp("neighbours") / "data", SETTINGS) as server:
        yield server


@pytest.fixture(scope="module")
def scene(server: RunningServer) -> Scene:
    eve, ada, ben = (sign_up(server, name) for name in ("Eve", "Ada", "Ben"))
    chat = ada.new_chat("one", "two")
    ada.share(chat["id"], eve)
    ada.share(chat["id"], ben)
    long = eve.new_chat("x" * 10_000)
    for number in range(LONG_LOG):
        path = f"/api/chats/{long['id']}/messages/{long['messages'][0]['id']}"
        eve.patch(path, {"content": f"{number}" * 5_000})
    return Scene(eve, eve.chat(chat["id"]), eve.chat(long["id"]), people=(ada, ben))


@asynccontextmanager
async def going_on(attack: Attack, scene: Scene) -> AsyncIterator[None]:
    """The attack has begun when the block begins, and had not ended when it ends: either it made another round, or its
    words still wait in the network because the server reads them more slowly than they come."""
    scene.rounds = 0
    task = asyncio.create_task(_run(attack, scene))
    await _another_round(task, scene)
    try:
        before = scene.rounds
        yield
        assert not task.done()
        if not scene.is_held_up:
            await _another_round(task, scene, before)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        scene.disconnect_all()


async def _run(attack: Attack, scene: Scene) -> None:
    await attack(scene)


async def _another_round(task: asyncio.Task[None], scene: Scene, before: int = 0) -> None:
    async with asyncio.timeout(30):
        while scene.rounds == before and not scene.is_held_up:
            if task.done():
                task.result()
                raise AssertionError("The attack ended by itself.")
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("name", ATTACKS)
async def test_others_go_on_while_somebody_attacks(tabs: Tabs, scene: Scene, name: str) -> None:
    ada, ben = scene.people
    chat = ada.chat(scene.chat["id"])
    hers, his = await tabs.full(ada, chat), await tabs.full(ben, chat)
    async with going_on(ATTACKS[name], scene):
        offsets = [await _add(tab, chat["id"], f"{name} {number}") for number in range(EDITS) for tab in (hers, his)]
        newcomer = await tabs.full(ada)
        await _add(newcomer, chat["id"], f"{name}: somebody came while it went on")
    for tab in (hers, his):
        while tab.offsets(chat["channel"])[-1:] < [offsets[-1]]:
            await tab.next()
        assert set(offsets) <= set(tab.offsets(chat["channel"]))
    for tab in (hers, his, newcomer):
        await tab.close()


async def _add(tab: LiveClient, chat_id: int, content: str) -> int:
    ack = await tab.change("message_add", chat={"id": chat_id}, message={"content": content})
    return int(ack["offset"])


async def test_a_flood_of_one_tab_does_not_hold_up_the_same_persons_other_tab(tabs: Tabs, scene: Scene) -> None:
    tab = await tabs.full(scene.eve)
    async with going_on(ATTACKS["commands"], scene):
        for number in range(EDITS):
            await _add(tab, scene.chat["id"], f"my own flood {number}")
