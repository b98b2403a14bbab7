"""A client that asks, and from some moment on never reads, as a computer whose memory has run out."""

import json
import socket
from types import TracebackType
from typing import Self

from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from tests.harness.people import Person

RECEIVE_BUFFER_BYTES = 4096
TIMEOUT_S = 30.0


class StalledClient:
    """Reads the answer to the handshake, and no more unless it is told to."""

    def __init__(self, person: Person) -> None:
        self._protocol = ClientProtocol(parse_uri(f"{person.server.live_url}/ws/{person.id}"))
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        self._socket.settimeout(TIMEOUT_S)
        self._socket.connect(("127.0.0.1", person.server.port))
        request = self._protocol.connect()
        request.headers.update(Headers(**person.bearer))
        self._protocol.send_request(request)
        self._flush()
        while not self._protocol.events_received():
            self._read_byte()

    def _read_byte(self) -> None:
        received = self._socket.recv(1)
        assert received, "the server has ended the connection"
        self._protocol.receive_data(received)

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            self._socket.sendall(data)

    def send(self, type_: str, **fields: object) -> None:
        self._protocol.send_text(json.dumps({"type": type_, **fields}).encode())
        self._flush()

    def read_until(self, type_: str) -> None:
        """To the end of the first frame of this type, and not a byte further."""
        while type_ not in (_type_of(event) for event in self._protocol.events_received()):
            self._read_byte()

    def read_until_the_end(self) -> int:
        """How many bytes were still on their way when the server had ended the connection."""
        total = 0
        while True:
            try:
                received = len(self._socket.recv(65536))
            except ConnectionError:
                return total
            if not received:
                return total
            total += received

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()


def _type_of(event: object) -> str | None:
    if not isinstance(event, Frame) or event.opcode is not Opcode.TEXT:
        return None
    return str(json.loads(bytes(event.data))["type"])
