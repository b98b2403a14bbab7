"""uvicorn's HTTP protocol, with an end to its patience: a peer that dawdles or piles up costs only its own connection.

uvicorn itself waits for ever for the end of a request's head or body and for a peer that does not read the answer, and
takes heads and pipelined requests of any size. That is what promise P7 needs to be otherwise.
"""

import asyncio
import logging

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from chatsynth.web.http_settings import HttpSettings

SWEEP_INTERVAL_S = 1.0
STATUS_LINES = {400: "400 Bad Request", 408: "408 Request Timeout", 431: "431 Request Header Fields Too Large"}
LOGGER = logging.getLogger("chatsynth.http")
LOGGER.setLevel(logging.ERROR)  # what strangers get wrong is worth no line each: they could fill the disk with them
TOO_LARGE = (431, "The head of this request is too large.")
TOO_MANY = (400, "Too many requests were sent before the first was answered.")


class Doorkeeper:
    """Knows the HTTP connections of a server, and which of them have not said yet what they want, the oldest first."""

    def __init__(self, settings: HttpSettings) -> None:
        self.settings = settings
        self._open: set[PatientHttpProtocol] = set()
        self._waiting: dict[PatientHttpProtocol, None] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    def protocol(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> "PatientHttpProtocol":
        """What uvicorn asks for at each new connection."""
        return PatientHttpProtocol(config, server_state, app_state, self)

    def came(self, connection: "PatientHttpProtocol") -> None:
        self._open.add(connection)
        self.waits(connection)
        if self._sweeping is None:
            self._sweep_later()

    def waits(self, connection: "PatientHttpProtocol") -> None:
        """Anyone can open connections and say nothing: when there are too many, the oldest makes room."""
        self._waiting[connection] = None
        if len(self._waiting) > self.settings.max_waiting_connections:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            oldest.transport.abort()

    def asked(self, connection: "PatientHttpProtocol") -> None:
        self._waiting.pop(connection, None)

    def went(self, connection: "PatientHttpProtocol") -> None:
        self._open.discard(connection)
        self._waiting.pop(connection, None)

    def _sweep_later(self) -> None:
        self._sweeping = asyncio.get_running_loop().call_later(SWEEP_INTERVAL_S, self._sweep)

    def _sweep(self) -> None:
        self._sweeping = None
        now_s = asyncio.get_running_loop().time()
        for connection in list(self._open):
            connection.end_if_overdue(now_s)
        if self._open:
            self._sweep_later()


class _Refused(Exception):
    """Raised through the parser, which then reads no further."""


class PatientHttpProtocol(HttpToolsProtocol):
    """One HTTP connection, until it ends or becomes a WebSocket."""

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, object], door: Doorkeeper
    ) -> None:
        super().__init__(config, server_state, app_state)
        self.logger = LOGGER
        self._door = door
        self._refusal: tuple[int, str] | None = None
        self._head_bytes = self._received_head_bytes = 0
        self._body_bytes = 0
        self._asked_at_s = self._moved_at_s = self.loop.time()
        self._unsent_bytes = 0
        self._is_waiting = True

    # What uvicorn and its parser tell -------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._door.came(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.went(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._received_head_bytes += len(data)
        if self._is_waiting and self._received_head_bytes > self._door.settings.max_head_bytes:
            self._refuse(*TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0

    def on_url(self, url: bytes) -> None:
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(len(name) + len(value))
        super().on_header(name, value)

    def _count_head(self, size_bytes: int) -> None:
        self._head_bytes += size_bytes
        if self._head_bytes > self._door.settings.max_head_bytes:
            self._stop_parsing(TOO_LARGE)

    def _stop_parsing(self, why: tuple[int, str]) -> None:
        self._refusal = why
        raise _Refused(why)

    def send_400_response(self, msg: str) -> None:
        self._refuse(*(self._refusal or (400, msg)))

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= self._door.settings.max_pipelined:
            self._stop_parsing(TOO_MANY)
        self._is_waiting = False
        self._door.asked(self)
        self._asked_at_s = self.loop.time()
        self._body_bytes = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.pipeline and not self.transport.is_closing():
            self._is_waiting = True
            self._received_head_bytes = 0
            self._asked_at_s = self.loop.time()
            self._door.waits(self)

    def handle_websocket_upgrade(self) -> None:
        self._door.went(self)
        super().handle_websocket_upgrade()

    # Ends -----------------------------------------------------------------------------------------

    def end_if_overdue(self, now_s: float) -> None:
        if self._does_not_read(now_s):
            self.transport.abort()
        elif self._is_waiting and now_s - self._asked_at_s > self._door.settings.head_timeout_s:
            self._refuse(408, "The request did not come in time.")
        elif self._dawdles(now_s):
            self._refuse(408, "The body of this request came too slowly.")

    def _does_not_read(self, now_s: float) -> bool:
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent < self._unsent_bytes:
            self._moved_at_s = now_s
        self._unsent_bytes = unsent
        return unsent > 0 and now_s - self._moved_at_s > self._door.settings.stall_timeout_s

    def _dawdles(self, now_s: float) -> bool:
        if self._is_waiting or not self.cycle.more_body or self.flow.read_paused:
            return False
        settings = self._door.settings
        expected = (now_s - self._asked_at_s - settings.stall_timeout_s) * settings.min_bytes_per_s
        return self._body_bytes < expected

    def _refuse(self, status: int, sentence: str) -> None:
        """In words where somebody may read them, and without waiting for it."""
        if not self.transport.is_closing():
            body = sentence.encode()
            head = f"HTTP/1.1 {STATUS_LINES[status]}\r\ncontent-type: text/plain; charset=utf-8\r\n"
            self.transport.write(f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
            self.transport.close()
            self.loop.call_later(SWEEP_INTERVAL_S, self.transport.abort)
