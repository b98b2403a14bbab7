"""The endpoint `/ws/{user_id}`: checks who is asking, accepts, and hands the connection to the live core."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, WebSocket
from starlette.requests import HTTPConnection

from chatsynth.kit.ids import random_id
from chatsynth.realtime.connection import Connection, Surroundings
from chatsynth.realtime.errors import CLOSE_REASONS, CloseCode
from chatsynth.realtime.identity import Identity
from chatsynth.realtime.session import Session
from chatsynth.web.live_protocol import live_protocol_of

Authenticate = Callable[[HTTPConnection], Awaitable[Identity | None]]
OriginAllowed = Callable[[HTTPConnection], bool]


def live_router(around: Surroundings, authenticate: Authenticate, origin_allowed: OriginAllowed) -> APIRouter:
    router = APIRouter()

    @router.websocket("/ws/{user_id}")
    async def live(websocket: WebSocket, user_id: str) -> None:
        if not origin_allowed(websocket):  # before the handshake is accepted (rule AUT2)
            await websocket.close(CloseCode.WRONG_ORIGIN)  # uvicorn answers the handshake with 403
            return
        admitted = _admit(await authenticate(websocket), user_id, around)
        await websocket.accept()
        if isinstance(admitted, CloseCode):
            await websocket.close(admitted, CLOSE_REASONS[admitted])
            return
        _start(websocket, admitted, around)

    return router


def _admit(identity: Identity | None, user_id: str, around: Surroundings) -> Identity | CloseCode:
    """A browser cannot read why a handshake was refused, so this is said with a close code (rules AUT1, AUT3)."""
    if identity is None:
        return CloseCode.NOT_SIGNED_IN
    if str(identity.user_id) != user_id:
        return CloseCode.WRONG_USER
    if around.hub.is_draining:
        return CloseCode.GOING_AWAY
    if around.hub.connections_of(identity.user_id) >= around.settings.max_connections_per_user:
        return CloseCode.TOO_MANY
    return identity


def _start(websocket: WebSocket, identity: Identity, around: Surroundings) -> None:
    protocol = live_protocol_of(websocket)
    session = Session(random_id(), identity, around.settings.limits())
    connection = Connection(protocol, session, around, protocol.loop.time())
    around.hub.add(connection)
    protocol.adopt(connection)
    if protocol.disconnected:
        connection.ended()
