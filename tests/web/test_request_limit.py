"""Requests under way: one person, strangers and all together have so many; what must be answered is (promise P7)."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from inspect import iscoroutinefunction
from pathlib import Path

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from chatsynth.config import Settings
from chatsynth.features.accounts.current_user import current_user, reading_user
from chatsynth.server import create_app
from chatsynth.web.reading_turns import ReadingTurns
from tests.harness.live_client import Tabs
from tests.harness.people import Person, sign_up
from tests.harness.running_server import RunningServer, running_server
from tests.web.test_http_protocol import Peer

pytestmark = pytest.mark.anyio

OF_ONE, OF_ALL = 3, 8
SETTINGS = {"HTTP_MAX_REQUESTS_PER_USER": str(OF_ONE), "HTTP_MAX_REQUESTS": str(OF_ALL)}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("busy") / "data", SETTINGS) as server:
        yield server


@pytest.fixture
def peers() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _begin_request(server: RunningServer, peers: ExitStack, person: Person | None) -> None:
    """Its body never comes. One of so many bytes is asked whose it is at once; a stranger's must be shorter."""
    peer = Peer(server, None)
    peers.callback(peer.close)
    who, length = ("", 1000) if person is None else (f"Authorization: Bearer {person.token}\r\n", 100_000)
    head = f"POST /api/login HTTP/1.1\r\nHost: localhost\r\n{who}Content-Type: application/json\r\n"
    peer.say(f"{head}Content-Length: {length}\r\n\r\n{{".encode())


async def _until_refused(server: RunningServer, person: Person | None) -> httpx.Response:
    """What began may not have come yet."""
    async with asyncio.timeout(30):
        while True:
            answer = _ask(server, person)
            if answer.status_code in (429, 503):
                return answer
            await asyncio.sleep(0)


async def _until_served(server: RunningServer, person: Person | None) -> None:
    async with asyncio.timeout(30):
        while _ask(server, person).status_code in (429, 503):  # noqa: ASYNC110 - nothing else tells
            await asyncio.sleep(0)


def _ask(server: RunningServer, person: Person | None) -> httpx.Response:
    return server.http.get(f"{server.base_url}/api/me", headers=person.bearer if person else {})


async def _is_always_served(server: RunningServer, tabs: Tabs, *people: Person) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert server.http.get(f"{server.base_url}{path}").status_code in (200, 401)
    for each in people:
        tab = await tabs.full(each)
        await tab.change("notifications_read", upTo=1)


async def test_one_person_has_so_many_and_everybody_else_is_served(
    tabs: Tabs, busy: RunningServer, peers: ExitStack
) -> None:
    ada, ben = sign_up(busy, "Ada"), sign_up(busy, "Ben")
    for _ in range(OF_ONE):
        _begin_request(busy, peers, ada)
    refused = await _until_refused(busy, ada)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused.headers["content-type"] == "application/problem+json"
    assert int(refused.headers["retry-after"]) > 0
    assert str(OF_ONE) in refused.json()["detail"]
    long = ada.request("POST", "/api/chats", {"padding": "x" * 100_000})  # is refused before it is read
    assert (long.status_code, long.json()["code"]) == (429, "rate_limited")
    assert _ask(busy, ben).status_code == 200
    await _is_always_served(busy, tabs, ada, ben)
    peers.close()
    await _until_served(busy, ada)


async def test_strangers_have_half_and_who_is_signed_in_gets_in(
    tabs: Tabs, busy: RunningServer, peers: ExitStack
) -> None:
    ada = sign_up(busy, "Ada")
    for _ in range(OF_ALL // 2):
        _begin_request(busy, peers, None)
    refused = await _until_refused(busy, None)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert int(refused.headers["retry-after"]) > 0
    assert _ask(busy, ada).status_code == 200
    await _is_always_served(busy, tabs, ada)
    peers.close()
    while _ask(busy, None).status_code != 401:  # noqa: ASYNC110
        await asyncio.sleep(0)


async def test_all_together_have_so_many(tabs: Tabs, busy: RunningServer, peers: ExitStack) -> None:
    people = [sign_up(busy, name) for name in ("Ada", "Ben", "Cyd", "Dan")]
    for number in range(OF_ALL):
        _begin_request(busy, peers, people[number % 3])
    refused = await _until_refused(busy, people[3])
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert int(refused.headers["retry-after"]) > 0
    await _is_always_served(busy, tabs, *people)
    peers.close()
    for each in people:
        await _until_served(busy, each)


async def test_of_one_person_no_more_is_read_at_a_time_than_may_be() -> None:
    turns = ReadingTurns(most_of_one=2)
    reading: list[int] = []
    gate = asyncio.Event()

    async def read(user_id: int) -> None:
        async with turns.of(user_id):
            reading.append(user_id)
            await gate.wait()

    tasks = [asyncio.create_task(read(user_id)) for user_id in (1, 1, 1, 1, 2)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert reading == [1, 1, 2]
    tasks[3].cancel()
    gate.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert reading == [1, 1, 2, 1]
    assert turns.is_idle


def test_every_endpoint_that_reads_on_a_thread_for_somebody_takes_turns() -> None:
    app = create_app(Settings(data_dir=Path("/nowhere")))
    found = [each.original_route for each in iter_route_contexts(app.routes)]
    on_threads = [each for each in found if isinstance(each, APIRoute) and not iscoroutinefunction(each.endpoint)]
    used = {each.path: _all_used_by(each.dependant) for each in on_threads}
    for_somebody = {path for path, calls in used.items() if current_user in calls}
    assert len(for_somebody) >= 7
    assert [path for path in for_somebody if reading_user not in used[path]] == []


def _all_used_by(dependant: Dependant) -> set[object]:
    return {dependant.call}.union(*(_all_used_by(each) for each in dependant.dependencies))
