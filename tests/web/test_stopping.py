"""A server that is told to stop while clients come."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.exceptions import WebSocketException

from tests.harness.json_types import JsonDict
from tests.harness.live_client import LiveClient, Tabs
from tests.harness.own_library import entries_of
from tests.harness.people import Person, sign_up
from tests.harness.running_server import running_server

pytestmark = pytest.mark.anyio


async def test_handshakes_that_are_cut_off_by_a_stop_are_no_mistake_of_the_server(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        person = sign_up(server, "Ada")
        coming = [asyncio.create_task(_come_again_and_again(person)) for _ in range(8)]
        await asyncio.gather(*(_one_came(person) for _ in range(4)))
        server.ask_to_stop()
        await asyncio.to_thread(server.wait_until_ended)
        for each in coming:
            each.cancel()
        await asyncio.gather(*coming, return_exceptions=True)


async def test_a_stop_that_hangs_ends_and_what_was_acknowledged_is_on_disk(tabs: Tabs, tmp_path: Path) -> None:
    """The body of a request never comes to its end; a byte now and then keeps the server patient."""
    settings = {"STOP_TIMEOUT_S": "1", "LIVE_DRAIN_S": "0.1", "HTTP_MIN_BYTES_PER_S": "1"}
    with running_server(tmp_path / "data", settings, mistakes_expected=True) as server:
        ada = sign_up(server, "Ada")
        chat = ada.new_chat("one")
        tab = await tabs.full(ada)
        async with _endless_request(ada):
            acked = await tab.change("chat_retitle", chat={"id": chat["id"], "title": "On disk"})
            server.ask_to_stop()
            ops = [acked["op"], *await _acked_until_the_end(tab, chat)]
            assert await asyncio.to_thread(server.wait_until_ended) == 1
        told = [json.loads(line) for line in server.log_text().splitlines() if "stopping took too long" in line]
        assert [line["timeout_s"] for line in told] == [1.0]
        with server.library().reading() as db:
            stored = [entry["op"] for entry in entries_of(db, chat["channel"], after=chat["offset"])]
        assert stored[: len(ops)] == ops
        server.start()
        assert ada.chat(chat["id"])["offset"] == chat["offset"] + len(stored)


async def _acked_until_the_end(tab: LiveClient, chat: JsonDict) -> list[str]:
    """Goes on typing while the server stops."""
    acked: list[str] = []
    with contextlib.suppress(WebSocketException):
        while True:
            acked.append((await tab.change("chat_retitle", chat={"id": chat["id"], "title": "As well"}))["op"])
    return acked


@contextlib.asynccontextmanager
async def _endless_request(person: Person) -> AsyncIterator[None]:
    reader, writer = await asyncio.open_connection("127.0.0.1", person.server.port)
    head = f"POST /api/chats HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {person.token}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n{{".encode())
    await writer.drain()
    assert person.get("/api/me")["id"] == person.id  # the server has read what came before
    try:
        yield
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await reader.read()


async def _one_came(person: Person) -> None:
    await (await LiveClient.open(person)).close()


async def _come_again_and_again(person: Person) -> None:
    while True:
        with contextlib.suppress(WebSocketException, OSError, TimeoutError):
            (await LiveClient.open(person)).abort()
        await asyncio.sleep(0)
