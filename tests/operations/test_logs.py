"""What the log of a whole server says: one JSON object a line, which connection and request it was, and no secret."""

import asyncio
import json
import socket
from collections.abc import Iterator

import pytest

from tests.harness.json_types import JsonDict
from tests.harness.live_client import Tabs, new_op
from tests.harness.people import Person, page_headers, sign_up
from tests.harness.running_server import RunningServer, running_server

pytestmark = pytest.mark.anyio
TEXT = "words that only people may read"


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("logs") / "data", {"LIVE_DRAIN_S": "0.1"}) as server:
        yield server


def _lines(server: RunningServer) -> list[JsonDict]:
    """Those that are written to their end."""
    return [json.loads(line) for line in server.log_text().splitlines(keepends=True) if line.endswith("\n")]


async def _line(server: RunningServer, **says: object) -> JsonDict:
    """The first one that says this; what happened was answered before it was written down."""
    async with asyncio.timeout(30):
        while True:
            for line in _lines(server):
                if says.items() <= line.items():
                    return line
            await asyncio.sleep(0.02)


async def _end_of_connection_of(person: Person) -> JsonDict:
    return await _line(person.server, event="connection ended", user=person.id)


async def test_a_connection_ends_with_one_line_that_says_whose_it_was_why_and_what_it_cost(
    tabs: Tabs, own_server: RunningServer
) -> None:
    ada = sign_up(own_server, "Ada")
    tab = await tabs.open(ada)
    session = (await tab.hello(ada.get("/api/chats")))["session"]
    await tab.change("notification", message=TEXT)
    await tab.close()
    line = await _end_of_connection_of(ada)
    assert (line["session"], line["user"], line["reason"]) == (session, ada.id, "client_left")
    assert (line["subscriptions"], line["frames_received"]) == (1, 2)
    assert line["bytes_sent"] > len(TEXT)
    assert line["took_s"] >= 0
    assert line["level"] == "info"


async def test_a_connection_that_is_cut_says_so_in_its_line(tabs: Tabs, own_server: RunningServer) -> None:
    ada = sign_up(own_server, "Ada")
    tab = await tabs.plain(ada)
    ada.delete(f"/api/tokens/{ada.token_id}")
    assert await tab.end() == 4502
    assert (await _end_of_connection_of(ada))["reason"] == "revoked"


async def test_a_request_says_its_id_its_route_and_who_asked(own_server: RunningServer) -> None:
    ada = sign_up(own_server, "Ada")
    answer = ada.request("GET", "/api/chats/99", X_Request_ID="from-the-proxy.1")
    assert answer.headers["x-request-id"] == "from-the-proxy.1"
    line = await _line(own_server, request_id="from-the-proxy.1")
    assert (line["user"], line["route"], line["path"]) == (ada.id, "/api/chats/{chat_id}", "/api/chats/99")
    assert (line["method"], line["status"]) == ("GET", 404)


@pytest.mark.parametrize("given", ["two words", "x" * 65, "a\tb", "<script>", "é", ""])
def test_an_id_that_could_be_mistaken_for_something_else_is_replaced(ada: Person, given: str) -> None:
    answer = ada.server.http.get(f"{ada.server.base_url}/api/setup", headers={b"X-Request-ID": given.encode()})
    assert len(answer.headers["x-request-id"]) == 16


async def test_nothing_that_anyone_wrote_and_no_secret_is_ever_logged(tabs: Tabs, own_server: RunningServer) -> None:
    ada = sign_up(own_server, "Ada")
    await _do_all_kinds_of_things(tabs, ada)
    await _end_of_connection_of(ada)
    text = own_server.log_text()
    for secret in (TEXT, ada.token, ada.cookie, "a-password", "an-invitation", ada.email):
        assert secret not in text
    assert _lines(own_server), "each line is a JSON object, whoever wrote it"


async def _do_all_kinds_of_things(tabs: Tabs, ada: Person) -> None:
    server, chat = ada.server, ada.new_chat(TEXT, title=TEXT)
    tab = await tabs.full(ada, chat)
    await tab.change("chat_retitle", chat={"id": chat["id"], "title": TEXT})
    await tab.refused("chat_retitle", new_op(), chat={"id": 10**6, "title": TEXT})
    await tab.send_text(TEXT)
    tab.send_raw(b"\x81\x02{}")
    await tab.end()
    ada.request("GET", f"/api/search?q={TEXT}")
    ada.request("POST", "/api/chats", {"title": [TEXT]})
    server.http.post(f"{server.base_url}/api/login", json={"email": ada.email, "password": "a-password"})
    server.http.get(f"{server.base_url}/join/an-invitation")
    server.http.get(f"{server.base_url}/api/me", headers=page_headers(server, ada.cookie))
    _send_raw(server, f"GET /{TEXT} HTTP/9.9\r\nCookie: {ada.cookie}\r\n\r\n".encode())
    _send_raw(server, b"\xff\x00\r\n\r\n" + ada.token.encode())


def _send_raw(server: RunningServer, content: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 30.0) as raw:
        raw.sendall(content)
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(65536):
            pass
