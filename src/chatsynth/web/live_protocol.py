"""uvicorn's WebSocket protocol, with the connection handed to the live core once the endpoint has accepted it.

uvicorn pauses reading after each frame until the application asks for the next one, keeps a task and a queue for each
connection, and its `close` waits for the peer. Here the endpoint returns after `adopt`, frames are handed over as they
arrive, and a connection can be aborted. That is what promise P7 and the memory of an idle connection need.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import cast

from starlette.websockets import WebSocket
from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

from chatsynth.realtime.connection import Connection
from chatsynth.realtime.counts import EndReason
from chatsynth.web.early_reader import EarlyReader

WRITE_HIGH_WATER_BYTES = 64 * 1024
PARSED_AT_ONCE_BYTES = 1024
"""At most 170 frames: parsing them takes 2 ms. One read from the network may bring 40,000."""
FRAMES_PER_TURN = 32
CLOSE_TIMEOUT_S = 2.0
STRANGER_WAIT_S = 0.02
"""Between the turns of a peer that is not let in (yet)."""
EXTENSION = "chatsynth.live"


class _NobodyReads:
    """Stands where uvicorn has the queue of an application that reads; a queue for each connection costs 1 KB."""

    def put_nowait(self, event: object) -> None:
        pass


_NOBODY_READS = _NobodyReads()


def _nothing() -> None:
    pass


class _Conversation(ServerProtocol):
    """Hands each frame on as soon as it is parsed, so that what came before a violation counts."""

    def __init__(self, max_size: int, handle_events: Callable[[], None]) -> None:
        super().__init__(max_size=max_size, logger=logging.getLogger("uvicorn.error"))
        self.reader = EarlyReader()
        self.parser = self.parse()
        next(self.parser)
        self._handle_events = handle_events
        self.frames_received = 0

    def recv_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:  # it may come in the middle of a fragmented message (RFC 6455, section 5.4)
            self.current_size = None
        super().recv_frame(frame)
        self.frames_received += 1
        self._handle_events()

    def let_go(self) -> None:
        """Refers to nothing any more, so that memory is given back at once."""
        self._handle_events = _nothing


class LiveProtocol(WebSocketsSansIOProtocol):
    """One WebSocket. Implements `realtime.ports.Wire` for the connection that adopts it."""

    connection: Connection | None = None
    _next_turn: asyncio.Handle | None = None
    _fragments: bytearray | None = None
    _pong_owed = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.close_timeout = CLOSE_TIMEOUT_S
        self.conn = self._conversation = _Conversation(self.config.ws_max_size, self.handle_events)
        self._unparsed = bytearray()

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
        self.read_paused = False
        self._balance_reading()

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
            # A server that stops has answered an open handshake itself: nobody is there to be told anything.
            if isinstance(failed, Exception) and not self.disconnected and not self.transport.is_closing():
                self.logger.exception("the WebSocket endpoint failed")
                self.send_500_response()
        if self.connection is None and self.close_timer is None:
            self.transport.close()

    # Reading ------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self.connection is not None:
            self.connection.last_heard_s = self.loop.time()
        self._unparsed += data
        if self._next_turn is None:
            self._parse_some()

    def _parse_some(self) -> None:
        """Some frames, then the other connections' turn: a flood costs its own connection (promise P7)."""
        self._next_turn = None
        frames = taken = 0
        while self._unparsed and frames < FRAMES_PER_TURN and not self.read_paused and not self.transport.is_closing():
            part = bytes(self._unparsed[:PARSED_AT_ONCE_BYTES])
            del self._unparsed[:PARSED_AT_ONCE_BYTES]
            frames += self._parse(part)
            taken += len(part)
        if self.connection is not None:
            self._balance_reading(self.connection.wait_s_after(frames, taken))
        else:
            self._balance_reading(STRANGER_WAIT_S if self._unparsed else 0.0)

    def _parse(self, part: bytes) -> int:
        """How many frames ended in this part."""
        before = self._conversation.frames_received
        self.conn.receive_data(part)
        self.handle_events()  # the request of the handshake is no frame
        if self.conn.parser_exc is not None and not self.close_sent:
            self.handle_parser_exception()
        return self._conversation.frames_received - before

    def _balance_reading(self, wait_s: float = 0.0) -> None:
        """The network is not read while something waits here: a sender that is too fast is held up by TCP."""
        if self.transport.is_closing():
            self._unparsed.clear()
        elif self.read_paused:
            self.transport.pause_reading()
        elif self._unparsed or wait_s:
            self.transport.pause_reading()
            if self._next_turn is None:
                later = self.loop.call_later
                self._next_turn = later(wait_s, self._parse_some) if wait_s else self.loop.call_soon(self._parse_some)
        else:
            self.transport.resume_reading()

    def handle_text(self, event: Frame) -> None:
        self._message_begins(event, is_text=True)

    def handle_bytes(self, event: Frame) -> None:
        self._message_begins(event, is_text=False)

    def _message_begins(self, event: Frame, *, is_text: bool) -> None:
        self.curr_msg_data_type = "text" if is_text else "bytes"
        if event.fin:
            self._message_received(bytes(event.data))
        else:
            self._fragments = bytearray(event.data)

    def handle_cont(self, event: Frame) -> None:
        """Empty fragments add nothing, so their number needs no limit of its own."""
        assert self._fragments is not None
        self._fragments += event.data
        if event.fin:
            whole, self._fragments = bytes(self._fragments), None
            self._message_received(whole)

    def _message_received(self, whole: bytes) -> None:
        if self.close_sent:
            return
        if self.connection is None:
            self.frames = [whole]
            super().send_receive_event_to_app()
        elif self.curr_msg_data_type == "bytes":
            self._binary_received(whole)
        else:
            self.connection.text_received(whole.decode())  # the reader saw that it is UTF-8

    def _binary_received(self, _: bytes) -> None:
        assert self.connection is not None
        self.connection.binary_received()

    def handle_ping(self) -> None:
        """While the peer does not read, only the newest pong is kept for it (RFC 6455, section 5.5.3)."""
        pong = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(pong)
        else:
            self._pong_owed = pong

    def handle_parser_exception(self) -> None:
        """Says why and closes; a peer that does not read is not waited for."""
        if self.connection is not None:
            self.connection.ended(EndReason.BAD_FRAME)
        super().handle_parser_exception()
        self.close_timer = self.loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)

    def keepalive_timeout(self) -> None:
        if self.connection is not None:
            self.connection.ended(EndReason.NO_PONG)
        super().keepalive_timeout()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unparsed.clear()
        self._conversation.let_go()
        if self._next_turn is not None:
            self._next_turn.cancel()
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
        if self._pong_owed:
            self.write(self._pong_owed)
            self._pong_owed = b""
        if self.connection is not None:
            self.connection.writing_resumed()

    # Wire ---------------------------------------------------------------------------------------

    def write(self, frames: bytes) -> None:
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frames)

    def buffered_bytes(self) -> int:
        return self.transport.get_write_buffer_size()

    def held_bytes(self) -> int:
        unread = len(self._unparsed) + len(self._fragments or b"") + len(self.conn.reader.buffer)
        return self.buffered_bytes() + unread

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
        self.read_paused = True
        self._balance_reading()

    def resume_reading(self) -> None:
        self.read_paused = False
        self._balance_reading()

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
