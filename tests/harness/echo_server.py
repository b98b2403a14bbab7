"""Says back whatever it is told, on the WebSocket protocol class of the product: for conformance tests only.

`python -m tests.harness.echo_server PORT`
"""

import sys
from typing import cast

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from chatsynth.realtime.connection import Connection
from chatsynth.realtime.counts import EndReason
from chatsynth.web.live_protocol import LiveProtocol, live_protocol_of

MAX_BYTES = 32 * 1024 * 1024


class EchoProtocol(LiveProtocol):
    """Hands on what is in binary frames as well, which the product has no use for."""

    def _binary_received(self, whole: bytes) -> None:
        self.say(whole, is_text=False)

    def say(self, whole: bytes, *, is_text: bool) -> None:
        (self.conn.send_text if is_text else self.conn.send_binary)(whole)
        self.transport.write(b"".join(self.conn.data_to_send()))


class Echo:
    """Stands where the product has the live core's `Connection`."""

    closed = False
    last_heard_s = 0.0

    def __init__(self, protocol: EchoProtocol) -> None:
        self._protocol = protocol

    def text_received(self, text: str) -> None:
        self._protocol.say(text.encode(), is_text=True)

    def wait_s_after(self, frames: int, size_bytes: int) -> float:
        """Never too fast."""
        return 0.0 * (frames + size_bytes)

    def ended(self, _: EndReason = EndReason.CLIENT_LEFT) -> None:
        self.closed = True

    def writing_paused(self, now_s: float) -> None: ...

    def writing_resumed(self) -> None: ...


async def _echo(websocket: WebSocket) -> None:
    await websocket.accept()
    protocol = live_protocol_of(websocket)
    assert isinstance(protocol, EchoProtocol)
    protocol.adopt(cast("Connection", Echo(protocol)))


def main() -> None:
    app = Starlette(routes=[WebSocketRoute("/", _echo)])
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        ws=EchoProtocol,
        ws_max_size=MAX_BYTES,
        ws_per_message_deflate=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
