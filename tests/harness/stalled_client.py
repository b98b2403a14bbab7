"""A client that asks and then never reads, as a laptop does whose lid was closed."""

import json
import socket
from types import TracebackType
from typing import Self

from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.uri import parse_uri

from tests.harness.people import Person

RECEIVE_BUFFER_BYTES = 4096
TIMEOUT_S = 30.0


class StalledClient:
    """Reads the answer to the handshake and no more."""

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
            self._protocol.receive_data(self._socket.recv(1))

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            self._socket.sendall(data)

    def send(self, type_: str, **fields: object) -> None:
        self._protocol.send_text(json.dumps({"type": type_, **fields}).encode())
        self._flush()

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
