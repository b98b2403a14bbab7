"""The endpoint `/ws/{user_id}`: checks who is asking, accepts, and hands the connection to the live core."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, WebSocket
from starlette.requests import HTTPConnection

from chatsynth.kit.ids import random_id
from chatsynth.realtime.connection import Connection
from chatsynth.realtime.errors import CLOSE_REASONS, CloseCode
from chatsynth.realtime.identity import Identity
from chatsynth.realtime.session import Session
from chatsynth.realtime.surroundings import Surroundings
from chatsynth.web.live_protocol import live_protocol_of

Authenticate = Callable[[HTTPConnection], Awaitable[Identity | None]]
OriginAllowed = Callable[[HTTPConnection], bool]


def live_router(around: Surroundings, authenticate: Authenticate, origin_allowed: OriginAllowed) -> APIRouter:
    router = APIRouter()

    @router.websocket("/ws/{user_id}")
    async def live(websocket: WebSocket, user_id: str) -> None:
        if not origin_allowed(websocket):  # before the handshake is accepted (rule AUT2)
            around.hub.counts.refused_connections[CloseCode.WRONG_ORIGIN] += 1
            await websocket.close(CloseCode.WRONG_ORIGIN)  # uvicorn answers the handshake with 403
            return
        admitted = _admit(await _who(websocket, authenticate, around), user_id, around)
        if isinstance(admitted, CloseCode):
            around.hub.counts.refused_connections[admitted] += 1
            await websocket.accept()
            await websocket.close(admitted, CLOSE_REASONS[admitted])
            return
        connection = _join(websocket, admitted, around)
        await websocket.accept()
        _adopt(websocket, connection)

    return router


async def _who(websocket: WebSocket, authenticate: Authenticate, around: Surroundings) -> Identity | None:
    """Asks again if any sign-in ended while it was asked: this connection was not yet there to be closed (P6)."""
    while True:
        before = around.hub.ended_rights
        identity = await authenticate(websocket)
        if around.hub.ended_rights == before:
            return identity


def _admit(identity: Identity | None, user_id: str, around: Surroundings) -> Identity | CloseCode:
    """A browser cannot read why a handshake was refused, so this is said with a close code (rules AUT1, AUT3)."""
    if identity is None:
        return CloseCode.NOT_SIGNED_IN
    if str(identity.user_id) != user_id:
        return CloseCode.WRONG_USER
    if around.hub.is_draining:
        return CloseCode.GOING_AWAY
    if around.hub.connection_count >= around.settings.max_connections:
        return CloseCode.FULL
    if around.hub.connections_of(identity.user_id) >= around.settings.max_connections_per_user:
        return CloseCode.TOO_MANY
    return identity


def _join(websocket: WebSocket, identity: Identity, around: Surroundings) -> Connection:
    """Known to the hub before anything is awaited, so that a sign-in that ends from here on ends this connection."""
    protocol = live_protocol_of(websocket)
    session = Session(random_id(), identity, around.settings.limits())
    connection = Connection(protocol, session, around, protocol.loop.time())
    around.hub.add(connection)
    return connection


def _adopt(websocket: WebSocket, connection: Connection) -> None:
    protocol = live_protocol_of(websocket)
    if protocol.disconnected or connection.closed:
        connection.ended()
        protocol.abort()
    else:
        protocol.adopt(connection)
