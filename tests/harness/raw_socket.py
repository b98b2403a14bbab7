"""A WebSocket client that keeps no rule: whatever bytes a test likes, on a connection that was opened properly."""

import asyncio
import struct
from contextlib import suppress
from typing import Self

from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.uri import parse_uri

from tests.harness.people import Person

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
FIN = 0x80
ENDS = (ConnectionError, asyncio.IncompleteReadError, OSError)


def frame(payload: bytes, opcode: int = TEXT, *, first: int = FIN, is_masked: bool = True, length: int = -1) -> bytes:
    """One frame. `first` are the bits beside the opcode; `length` is what it says of its length, if that is a lie."""
    size = len(payload) if length < 0 else length
    mask_bit = 0x80 if is_masked else 0
    if size < 126:
        head = struct.pack("!BB", first | opcode, mask_bit | size)
    elif size < 2**16:
        head = struct.pack("!BBH", first | opcode, mask_bit | 126, size)
    else:
        head = struct.pack("!BBQ", first | opcode, mask_bit | 127, size)
    return head + (b"\0\0\0\0" if is_masked else b"") + payload  # masking with zeros changes nothing


def handshake(person: Person, **more: str) -> bytes:
    protocol = ClientProtocol(parse_uri(f"{person.server.live_url}/ws/{person.id}"))
    request = protocol.connect()
    request.headers.update(Headers(**person.bearer, **{name.replace("_", "-"): value for name, value in more.items()}))
    return bytes(request.serialize())


class RawSocket:
    """What the server says is dropped by `ignore`, read by `receive`, or left where it is."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer
        self._ignoring: asyncio.Task[None] | None = None

    @classmethod
    async def tcp(cls, person: Person) -> Self:
        """Connected, and nothing said yet."""
        return cls(*await asyncio.open_connection("127.0.0.1", person.server.port, limit=2**16))

    @classmethod
    async def open(cls, person: Person, **headers: str) -> Self:
        """With the handshake done."""
        socket = await cls.tcp(person)
        await socket.upgrade(person, **headers)
        return socket

    async def upgrade(self, person: Person, **headers: str) -> None:
        await self.say(handshake(person, **headers))
        assert b" 101 " in await self.reader.readuntil(b"\r\n\r\n")

    async def say(self, content: bytes) -> None:
        """Waits while the server does not read."""
        self._writer.write(content)
        await self._writer.drain()

    def ignore(self) -> None:
        self._ignoring = asyncio.create_task(self._read_and_drop())

    async def _read_and_drop(self) -> None:
        with suppress(*ENDS):
            while await self.reader.read(2**16):
                pass

    async def frames(self) -> list[tuple[int, bytes]]:
        """Opcode and payload of all frames until the connection has ended."""
        found: list[tuple[int, bytes]] = []
        with suppress(*ENDS):
            while True:
                found.append(await self.frame())
        return found

    async def frame(self) -> tuple[int, bytes]:
        first, size = await self.reader.readexactly(2)
        if size >= 126:
            size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8), "big")
        return first & 0x0F, await self.reader.readexactly(size)

    async def close_code(self) -> int:
        """Of the close frame that ends the connection; 1006 when there is none."""
        closes = [payload for opcode, payload in await self.frames() if opcode == CLOSE]
        return int.from_bytes(closes[0][:2], "big") if closes and closes[0] else 1005 if closes else 1006

    def close(self) -> None:
        if self._ignoring is not None:
            self._ignoring.cancel()
        self._writer.transport.abort()
