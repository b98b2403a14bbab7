"""People type at full speed while the server is killed again and again: nothing acknowledged is lost, nothing is
there twice (promises P1 and P3). `CHATSYNTH_TEST_KILLS` kills more often than the suite does."""

import asyncio
import os
from collections.abc import Callable, Sequence
from random import Random

import pytest

from tests.harness.json_types import JsonDict
from tests.harness.live_client import Tabs
from tests.harness.own_library import entries_of
from tests.harness.people import sign_up
from tests.harness.replica import comparable
from tests.harness.running_server import RunningServer, running_server
from tests.harness.typist import LOST, Typist

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

KILLS = int(os.environ.get("CHATSYNTH_TEST_KILLS", "20"))
LIFETIMES = 5
"""How many kills one library goes through."""
TYPISTS = 4


@pytest.mark.timeout(60 + 30 * LIFETIMES)
@pytest.mark.parametrize("seed", range((KILLS + LIFETIMES - 1) // LIFETIMES))
async def test_killed_while_people_type(tabs: Tabs, tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    random = Random(seed)
    with running_server(tmp_path_factory.mktemp("kill") / "data") as server:
        ada, ben = sign_up(server, "Ada"), sign_up(server, "Ben")
        chat = ada.new_chat("one", "two", "three")
        ada.share(chat["id"], ben)
        typists = [Typist(tabs, (ada, ben)[n % 2], chat["id"], Random(random.random())) for n in range(TYPISTS)]
        for _ in range(min(LIFETIMES, KILLS)):
            await _type_until_killed(server, typists, more_acks=random.randint(1, 120))
            await asyncio.to_thread(server.start)
            _nothing_acknowledged_is_lost(typists, _log(server, chat["channel"]))
        await _come_to_rest(typists)
        log = _log(server, chat["channel"])
        _nothing_acknowledged_is_lost(typists, log)
        for typist in typists:
            typist.check_entries()
            assert typist.entries == log[typist.first_offset - 1 :]
            assert comparable(typist.editor.chat) == comparable(typist.person.chat(chat["id"]))


async def _type_until_killed(server: RunningServer, typists: Sequence[Typist], more_acks: int) -> None:
    """The server dies in the middle of what all of them send, after some answers."""
    enough = sum(len(typist.acks) for typist in typists) + more_acks
    enough_came = asyncio.Event()

    def look() -> None:
        if sum(len(typist.acks) for typist in typists) >= enough:
            enough_came.set()

    typing = [asyncio.create_task(_type_at_full_speed(typist, look)) for typist in typists]
    await enough_came.wait()
    server.kill()
    await asyncio.gather(*typing)


async def _type_at_full_speed(typist: Typist, look: Callable[[], None]) -> None:
    try:
        while True:
            look()
            typist.type()
            if typist.random.random() < 0.2:
                await typist.restructure()
            await typist.send_what_waits()
            await typist.take_in()
    except LOST:
        typist.drop()


async def _come_to_rest(typists: Sequence[Typist]) -> None:
    while not all(typist.is_settled for typist in typists):
        for typist in typists:
            await typist.send_what_waits()
            await typist.catch_up()
    for typist in typists:
        await typist.catch_up()


def _log(server: RunningServer, channel: str) -> list[JsonDict]:
    with server.library().reading() as db:
        return entries_of(db, channel)


def _nothing_acknowledged_is_lost(typists: Sequence[Typist], log: Sequence[JsonDict]) -> None:
    """And every change, acknowledged or not, is there at most once."""
    assert [entry["offset"] for entry in log] == list(range(1, len(log) + 1))
    named = [entry["op"] for entry in log if entry["op"] is not None]
    assert len(named) == len(set(named))
    at = {entry["op"]: entry["offset"] for entry in log}
    for typist in typists:
        for op, ack in typist.acks.items():
            assert at[op] == ack["offset"]
        assert set(typist.editor.confirmed) <= at.keys()
        assert [entry for entry in typist.entries if log[entry["offset"] - 1] != entry] == []
