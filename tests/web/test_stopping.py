"""A server that is told to stop while clients come."""

import asyncio
import contextlib
from pathlib import Path

import pytest
from websockets.exceptions import WebSocketException

from tests.harness.live_client import LiveClient
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


async def _one_came(person: Person) -> None:
    await (await LiveClient.open(person)).close()


async def _come_again_and_again(person: Person) -> None:
    while True:
        with contextlib.suppress(WebSocketException, OSError, TimeoutError):
            (await LiveClient.open(person)).abort()
        await asyncio.sleep(0)
