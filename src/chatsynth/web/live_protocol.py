"""uvicorn's WebSocket protocol, with the connection handed to the live core once the endpoint has accepted it.

uvicorn pauses reading after each frame until the application asks for the next one, keeps a task and a queue for each
connection, and its `close` waits for the peer. Here the endpoint returns after `adopt`, frames are handed over as they
arrive, and a connection can be aborted. That is what promise P7 and the memory of an idle connection need.
"""

import asyncio
import contextlib
from typing import cast

from starlette.websockets import WebSocket
from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from chatsynth.realtime.connection import Connection
from chatsynth.realtime.counts import EndReason

WRITE_HIGH_WATER_BYTES = 64 * 1024
MOST_FRAGMENTS = 1024
CLOSE_TIMEOUT_S = 2.0
GOING_AWAY = 1012
PROTOCOL_ERROR = 1002
INVALID_TEXT = 1007
EXTENSION = "chatsynth.live"


class _NobodyReads:
    """Stands where uvicorn has the queue of an application that reads; a queue for each connection costs 1 KB."""

    def put_nowait(self, event: object) -> None:
        pass


_NOBODY_READS = _NobodyReads()


class LiveProtocol(WebSocketsSansIOProtocol):
    """One WebSocket. Implements `realtime.ports.Wire` for the connection that adopts it."""

    connection: Connection | None = None

    def handle_connect(self, event: object) -> None:
        super().handle_connect(event)  # type: ignore[arg-type]
        if hasattr(self, "scope"):
            cast("dict[str, object]", self.scope["extensions"])[EXTENSION] = self

    def adopt(self, connection: Connection) -> None:
        """From here on the live core reads and writes; the endpoint returns. Gives back the memory of the handshake."""
        self.connection = connection
        self.transport.set_write_buffer_limits(high=WRITE_HIGH_WATER_BYTES)
        del self.request, self.response, self.scope
        waiting = self.queue
        self.queue = cast("asyncio.Queue[ASGIReceiveEvent]", _NOBODY_READS)
        while not waiting.empty():
            self._hand_over(waiting.get_nowait())
        self.resume_reading()

    def _hand_over(self, event: object) -> None:
        """Frames that arrived between the handshake and `adopt`."""
        assert self.connection is not None
        received = cast("dict[str, object]", event)
        if received["type"] == "websocket.disconnect":
            self.connection.ended()
        elif received["type"] == "websocket.receive":
            text = received.get("text")
            self.connection.text_received(text) if isinstance(text, str) else self.connection.binary_received()

    async def run_asgi(self) -> None:
        """As in uvicorn, but a connection that was adopted stays open when the endpoint returns."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except BaseException as failed:
            if self.connection is not None:
                self.connection.ended(EndReason.MISTAKE)
            if isinstance(failed, Exception) and not self.disconnected:
                self.logger.exception("the WebSocket endpoint failed")
                self.send_500_response()
        if self.connection is None and self.close_timer is None:
            self.transport.close()

    # Reading ------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self.connection is not None:
            self.connection.last_heard_s = self.loop.time()
        super().data_received(data)

    def handle_cont(self, event: object) -> None:
        if len(self.frames) >= MOST_FRAGMENTS:  # empty fragments cost memory although they add no bytes
            self._fail(PROTOCOL_ERROR, "too many fragments")
            return
        super().handle_cont(event)  # type: ignore[arg-type]

    def send_receive_event_to_app(self) -> None:
        if self.connection is None:
            super().send_receive_event_to_app()
            return
        whole = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self.close_sent or self.connection.closed:
            return
        if self.curr_msg_data_type != "text":
            self.connection.binary_received()
            return
        try:
            text = whole.decode()
        except UnicodeDecodeError:
            self._fail(INVALID_TEXT, "text frames are UTF-8")
        else:
            self.connection.text_received(text)

    def _fail(self, code: int, reason: str) -> None:
        self.conn.fail(code, reason)
        self.handle_parser_exception()

    def handle_parser_exception(self) -> None:
        if self.connection is not None:
            self.connection.ended(EndReason.BAD_FRAME)
        super().handle_parser_exception()

    def keepalive_timeout(self) -> None:
        if self.connection is not None:
            self.connection.ended(EndReason.NO_PONG)
        super().keepalive_timeout()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.connection is not None:
            self.connection.ended()
            self.connection = None

    # Flow control -------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.connection is not None:
            self.connection.writing_paused(self.loop.time())

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.connection is not None:
            self.connection.writing_resumed()

    # Wire ---------------------------------------------------------------------------------------

    def write(self, frames: bytes) -> None:
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frames)

    def buffered_bytes(self) -> int:
        return self.transport.get_write_buffer_size()

    def close(self, code: int, reason: str) -> None:
        if self.close_sent or self.transport.is_closing():
            return
        with contextlib.suppress(InvalidState):
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.resume_reading()
        self.close_timer = self.loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)

    def abort(self) -> None:
        self.stop_keepalive()
        self.transport.abort()

    def pause_reading(self) -> None:
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def shutdown(self) -> None:
        """The server stops: adopted connections were told by the drain and end here."""
        if self.connection is not None:
            self.connection.ended(EndReason.GOING_AWAY)
        super().shutdown()


def live_protocol_of(websocket: WebSocket) -> LiveProtocol:
    """The protocol below this WebSocket. Raises RuntimeError when the server was started without `LiveProtocol`."""
    found = websocket.scope.get("extensions", {}).get(EXTENSION)
    if not isinstance(found, LiveProtocol):
        raise RuntimeError("Start the server with `chatsynth serve`: it needs its own WebSocket protocol class.")
    return found
