"""A server with many clients is restarted, with and without a goodbye: all of them come back and have everything, once
(promise P8). `CHATSYNTH_TEST_STORM_CLIENTS` brings more clients than the suite does."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from random import Random

import pytest

from chatsynth.log.append import channel_position
from chatsynth.log.recover import PAGE_ENTRIES
from tests.harness.json_types import JsonDict
from tests.harness.live_client import Tabs, new_op
from tests.harness.own_library import entries_of, execute_in
from tests.harness.people import Person, sign_up
from tests.harness.replica import comparable
from tests.harness.returning import Returner
from tests.harness.running_server import RunningServer, running_server
from tests.harness.scraping import scrape
from tests.harness.typist import LOST, Typist

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.timeout(300)]

CLIENTS = int(os.environ.get("CHATSYNTH_TEST_STORM_CLIENTS", "150"))
PEOPLE = 10
TYPISTS = 4
MISSED = 50
RETRY_MS = 300
SETTINGS = {
    "LIVE_DRAIN_S": "0.5",
    "LIVE_DRAIN_RETRY_MS": str(RETRY_MS),
    "LIVE_MAX_CONNECTIONS_PER_USER": "100000",
}


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("storm") / "data", SETTINGS) as server:
        yield server


class Town:
    """Everybody listens to their own channel and to one of two chats; in the first one, some type."""

    def __init__(self, server: RunningServer, tabs: Tabs) -> None:
        self.server = server
        self.tabs = tabs
        self.people = [sign_up(server, f"Person{number}") for number in range(PEOPLE)]
        self.chats = [self._shared_chat(self.people[:5]), self._shared_chat(self.people[5:])]
        self.typists = [Typist(tabs, self.people[n % 5], self.chats[0]["id"], Random(n)) for n in range(TYPISTS)]

    def _shared_chat(self, people: Sequence[Person]) -> JsonDict:
        chat = people[0].new_chat("one", "two")
        for other in people[1:]:
            people[0].share(chat["id"], other)
        return people[0].chat(chat["id"])

    def client(self, number: int) -> Returner:
        person = self.people[number % PEOPLE]
        return Returner(self.tabs, person, person.get("/api/chats?limit=1"), self.chats[number % PEOPLE // 5])

    def log(self, channel: str) -> list[JsonDict]:
        with self.server.library().reading() as db:
            return entries_of(db, channel)

    def heads(self) -> dict[str, int]:
        """Of every channel."""
        names = [*(person.channel for person in self.people), *(chat["channel"] for chat in self.chats)]
        with self.server.library().reading() as db:
            return {name: channel_position(db, name)[1] for name in names}

    def write_while_nobody_is_there(self, entries: int) -> None:
        for number in range(entries):
            execute_in(self.server.library().writer, self.people[5].id, _retitle(self.chats[1], number))


def _retitle(chat: JsonDict, number: int) -> JsonDict:
    return {"type": "chat_retitle", "op": new_op(), "chat": {"id": chat["id"], "title": f"Title {number}"}}


async def test_drained_clients_are_told_when_to_come_back_each_at_another_time(
    tabs: Tabs, server: RunningServer
) -> None:
    town = Town(server, tabs)
    clients = await _all_there(town)
    ends = asyncio.gather(*(client.stay_until_the_end() for client in clients))
    await _type_until_gone(town, server.ask_to_stop)
    assert set(await ends) == {4000}
    await asyncio.to_thread(server.wait_until_ended)
    waits_ms = [client.retry_after_ms or 0 for client in clients]
    assert len(set(waits_ms)) == len(clients)
    assert min(waits_ms) >= RETRY_MS
    assert max(waits_ms) <= RETRY_MS + len(clients) + TYPISTS
    await _all_come_back_and_have_everything(town, clients)


async def test_clients_of_a_crashed_server_come_back_and_have_everything_once(
    tabs: Tabs, server: RunningServer
) -> None:
    town = Town(server, tabs)
    clients = await _all_there(town)
    ends = asyncio.gather(*(client.stay_until_the_end() for client in clients))
    await _type_until_gone(town, server.kill)
    assert set(await ends) == {1006}
    await _all_come_back_and_have_everything(town, clients)


async def _all_there(town: Town) -> list[Returner]:
    clients = [town.client(number) for number in range(CLIENTS)]
    await asyncio.gather(*(client.come_back() for client in clients))
    return clients


async def _all_come_back_and_have_everything(town: Town, clients: Sequence[Returner]) -> None:
    """At once, which is worse than any herd that keeps to what it was told."""
    await asyncio.to_thread(town.write_while_nobody_is_there, MISSED)
    await asyncio.to_thread(town.server.start)
    await asyncio.gather(*(client.come_back() for client in clients), _come_to_rest(town.typists))
    heads = town.heads()
    for client in clients:
        await client.read_up_to(heads)
    log = town.log(town.chats[0]["channel"])
    at = {entry["op"]: entry["offset"] for entry in log if entry["op"] is not None}
    assert len(at) == sum(entry["op"] is not None for entry in log), "no change took effect twice"
    for typist in town.typists:
        assert {op: at.get(op) for op in typist.acks} == {op: ack["offset"] for op, ack in typist.acks.items()}
        typist.check_entries()
        assert typist.entries == log[typist.first_offset - 1 :]
        assert comparable(typist.editor.chat) == comparable(typist.person.chat(town.chats[0]["id"]))


async def _type_until_gone(town: Town, stop: Callable[[], None]) -> None:
    """The server is told to stop in the middle of what everybody types."""
    answered = asyncio.Event()
    typing = [asyncio.create_task(_type(typist, answered)) for typist in town.typists]
    await answered.wait()
    await asyncio.to_thread(stop)
    await asyncio.gather(*typing)


async def _type(typist: Typist, answered: asyncio.Event) -> None:
    try:
        while True:
            typist.type()
            await typist.send_what_waits()
            await typist.take_in()
            if len(typist.acks) >= 20:
                answered.set()
    except LOST:
        typist.drop()


async def _come_to_rest(typists: Sequence[Typist]) -> None:
    while not all(typist.is_settled for typist in typists):
        for typist in typists:
            await typist.send_what_waits()
            await typist.catch_up()
    for typist in typists:
        await typist.catch_up()


# What a returning client costs

FEW, MANY = 10, 60
"""One client for each person, and several."""
PAGES = PEOPLE + 2
"""Different pages that they all ask for, if each is behind by one: of each person's channel, and of two chats."""
OF_A_CLIENT = 12
"""For one client that comes back and finds the pages read: who it is, its rights and heads, its rights again with each
page."""
OF_RIGHTS, OF_A_PAGE = 5, 2
"""Whether the person may still have a page of each of the two channels; a page, for the first who asks for it."""


async def test_the_database_is_asked_as_often_for_many_clients_and_many_entries_as_for_few(
    tabs: Tabs, server: RunningServer
) -> None:
    """To the statement: whoever comes back costs the same, and a page is read once for all."""
    town, admin = Town(server, tabs), sign_up(server, "Admin")
    assert await _statements_for(town, admin, clients=FEW, missed=3) == FEW * OF_A_CLIENT + PAGES * OF_A_PAGE
    many = MANY * OF_A_CLIENT + PAGES * OF_A_PAGE
    assert await _statements_for(town, admin, clients=MANY, missed=3) == many
    assert await _statements_for(town, admin, clients=MANY, missed=60) == many
    far_behind = await _statements_for(town, admin, clients=FEW, missed=PAGE_ENTRIES + 10)
    assert far_behind == FEW * (OF_A_CLIENT + OF_RIGHTS) + 2 * PAGES * OF_A_PAGE, "two pages of each channel"


async def test_who_comes_at_once_may_each_have_to_read_a_page_and_no_more(tabs: Tabs, server: RunningServer) -> None:
    """Nobody waits for another one's page."""
    town, admin = Town(server, tabs), sign_up(server, "Admin")
    at_once = await _statements_for(town, admin, clients=MANY, missed=60, at_once=True)
    assert MANY * OF_A_CLIENT + PAGES * OF_A_PAGE <= at_once <= MANY * (OF_A_CLIENT + 2 * OF_A_PAGE)


async def _statements_for(town: Town, admin: Person, clients: int, missed: int, *, at_once: bool = False) -> float:
    """How many statements the server ran while so many clients came back, this many entries behind."""
    returning = [town.client(number) for number in range(clients)]
    for client in returning:
        await client.come_back()
        client.tab.abort()
    for chat, owner in zip(town.chats, (town.people[0], town.people[5]), strict=True):
        tab = await town.tabs.open(owner)
        for number in range(missed):
            await tab.change("chat_retitle", chat={"id": chat["id"], "title": f"Title {number}"})
        await tab.close()
    before, after_one_scrape = _statements(admin), _statements(admin)
    if at_once:
        await asyncio.gather(*(client.come_back() for client in returning))
    else:
        for client in returning:
            await client.come_back()
    found = _statements(admin) - after_one_scrape - (after_one_scrape - before)
    heads = town.heads()
    assert all(client.offsets.items() <= heads.items() for client in returning)
    for client in returning:
        client.tab.abort()
    return found


def _statements(admin: Person) -> float:
    return scrape(admin).value("database_statements_total", connection="reader")


# Being told to stop


async def test_a_server_that_is_told_twice_to_stop_ends_at_once(
    tabs: Tabs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    patient = SETTINGS | {"LIVE_DRAIN_S": "3600"}
    with running_server(tmp_path_factory.mktemp("twice") / "data", patient) as server:
        ada = sign_up(server, "Ada")
        tab = await tabs.full(ada)
        acked = await tab.change("notification", message="on disk")
        server.ask_to_stop()
        await tab.wait_for("draining")
        server.ask_to_stop()
        assert await asyncio.to_thread(server.wait_until_ended) == -signal.SIGTERM
        assert await tab.end() == 1006
        with server.library().reading() as db:
            assert [entry["op"] for entry in entries_of(db, ada.channel)] == [acked["op"]]
