"""What can happen between the handshake of a WebSocket and its first frame."""

from collections.abc import MutableMapping

import pytest
from fastapi import FastAPI
from starlette.requests import HTTPConnection

from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.identity import Identity
from chatsynth.realtime.publication import CredentialEnded
from chatsynth.realtime.surroundings import Surroundings
from chatsynth.web.websocket import Authenticate, live_router
from tests.realtime.fakes import PARSER, Node

pytestmark = pytest.mark.anyio


async def test_a_sign_in_that_ends_while_it_is_looked_up_lets_nobody_in() -> None:
    node = Node()
    looked_up: list[Identity | None] = [Identity(1, "Ada", "login:1", None), None]

    async def authenticate(_: HTTPConnection) -> Identity | None:
        if len(looked_up) == 2:  # found, and ended by somebody before it is used: no connection was there to be closed
            node.hub.publish([CredentialEnded("login:1", 1, CloseCode.SIGNED_OUT)])
        return looked_up.pop(0)

    sent = await _handshake(node, authenticate)
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.close"]
    assert sent[1]["code"] == CloseCode.NOT_SIGNED_IN
    assert node.hub.connection_count == 0


async def _handshake(node: Node, authenticate: Authenticate) -> list[MutableMapping[str, object]]:
    """What the endpoint says to a handshake at `/ws/1`."""
    around = Surroundings(node.hub, node.logs, node.commands, PARSER, node.settings, lambda: 0)
    app = FastAPI()
    app.include_router(live_router(around, authenticate, lambda _: True))
    sent: list[MutableMapping[str, object]] = []

    async def receive() -> MutableMapping[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, object]) -> None:
        sent.append(message)

    await app({"type": "websocket", "path": "/ws/1", "headers": [], "query_string": b""}, receive, send)
    return sent
