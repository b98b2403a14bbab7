"""Thousands of clients in one process, which come back as the page does: after what a draining server told them, or
with a wait anywhere below a limit that doubles."""

import asyncio
import json
import struct
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
AT_ONCE_AT_FIRST = 128
HANDSHAKE_END = b"\r\n\r\n"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def full_jitter_s(attempt: int, random: Random) -> float:
    return random.random() * min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempt, 10))


def after_drain_s(retry_after_s: float, random: Random) -> float:
    return retry_after_s + random.random() * max(FIRST_WAIT_S, retry_after_s)


@dataclass
class Log:
    """What the fleet went through since it was last cleared."""

    welcomes_s: list[float] = field(default_factory=list)
    current_s: list[float] = field(default_factory=list)
    refused: int = 0
    entries: int = 0
    retry_after_ms: list[int] = field(default_factory=list)
    closes: Counter[int] = field(default_factory=Counter)

    def peak_a_second(self) -> int:
        """The most welcomes in any second."""
        times, first, most = sorted(self.welcomes_s), 0, 0
        for last, moment in enumerate(times):
            while times[first] <= moment - 1:
                first += 1
            most = max(most, last - first + 1)
        return most


class Fleet:
    """`target` says where each channel ends; a client that has all of its channels is current."""

    def __init__(self, port: int, clients: "Sequence[StormClient]") -> None:
        self.port = port
        self.log = Log()
        self.target: dict[str, int] = {}
        self.is_over = False
        self._mistake: Exception | None = None
        self._clients = clients
        self._behind: set[StormClient] = set()
        self._all_current = asyncio.Event()
        for client in clients:
            client.fleet = self

    def aim(self, target: dict[str, int]) -> None:
        """From here on, the log is of what follows."""
        self.target = target
        self._behind = {client for client in self._clients if not client.is_current}
        self._all_current.clear()
        self.client_moved(None)

    def client_moved(self, client: "StormClient | None") -> None:
        if client is not None and client in self._behind and client.is_current:
            self._behind.discard(client)
            self.log.current_s.append(time.monotonic())
        if not self._behind:
            self._all_current.set()

    async def connect_all(self) -> None:
        room = asyncio.Semaphore(AT_ONCE_AT_FIRST)
        await asyncio.gather(*(self._connect(client, room) for client in self._clients))

    async def _connect(self, client: "StormClient", room: asyncio.Semaphore) -> None:
        async with room:
            await client.connect()
            await client.welcomed.wait()

    async def all_current(self, timeout_s: float) -> None:
        async with asyncio.timeout(timeout_s):
            await self._all_current.wait()
        if self._mistake is not None:
            raise self._mistake

    def failed(self, mistake: Exception) -> None:
        """What is raised in a callback would only be logged."""
        self._mistake = mistake
        self._all_current.set()

    def end(self) -> None:
        self.is_over = True
        for client in self._clients:
            client.abort()


class StormClient(asyncio.Protocol):
    """One tab. Fails at once if an entry is missing, comes twice or out of order."""

    fleet: Fleet

    def __init__(self, user_id: int, token: str, offsets: dict[str, int], random: Random) -> None:
        self.offsets = offsets
        self.welcomed = asyncio.Event()
        self._user_id = user_id
        self._token = token
        self._random = random
        self._attempt = 0
        self._retry_after_s: float | None = None
        self._received = b""
        self._is_open = False
        self._transport: asyncio.Transport | None = None

    @property
    def is_current(self) -> bool:
        return all(self.fleet.target.get(channel, 0) <= offset for channel, offset in self.offsets.items())

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: self, "127.0.0.1", self.fleet.port)
        except OSError:
            self.fleet.log.refused += 1
            self._come_back_later()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._is_open, self._received = transport, False, b""
        lines = (
            f"GET /ws/{self._user_id} HTTP/1.1",
            "Host: 127.0.0.1",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            f"Authorization: Bearer {self._token}",
        )
        transport.write("\r\n".join(lines).encode() + HANDSHAKE_END)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._transport = None
        if not self.fleet.is_over:
            self._come_back_later()

    def _come_back_later(self) -> None:
        if self._retry_after_s is not None:
            wait_s = after_drain_s(self._retry_after_s, self._random)
        else:
            wait_s = full_jitter_s(self._attempt, self._random)
            self._attempt += 1
        self._retry_after_s = None
        loop = asyncio.get_running_loop()
        loop.call_later(wait_s, lambda: self.fleet.is_over or loop.create_task(self.connect()))

    # Frames

    def data_received(self, data: bytes) -> None:
        try:
            self._take_in(data)
        except Exception as mistake:  # noqa: BLE001 - whatever it is, the run is void
            self.fleet.failed(mistake)

    def _take_in(self, data: bytes) -> None:
        self._received += data
        if not self._is_open and not self._shake_hands():
            return
        at, have = 0, self._received
        while (frame := _frame_at(have, at)) is not None:
            opcode, payload, at = frame
            self._take(opcode, payload)
        self._received = have[at:]

    def _shake_hands(self) -> bool:
        head, end, rest = self._received.partition(HANDSHAKE_END)
        if not end:
            return False
        assert head.startswith(b"HTTP/1.1 101"), head
        self._is_open, self._received = True, rest
        channels = [{"channel": name, "epoch": "", "offset": offset} for name, offset in self.offsets.items()]
        self._send(TEXT, json.dumps({"type": "hello", "v": 1, "client": "storm", "channels": channels}).encode())
        return True

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self._send(PONG, payload)
        elif opcode == CLOSE:
            self.fleet.log.closes[struct.unpack(">H", payload[:2])[0]] += 1
        else:
            self._take_frame(json.loads(payload))

    def _take_frame(self, frame: dict[str, object]) -> None:
        match frame:
            case {"type": "welcome"}:
                self._attempt = 0
                self.welcomed.set()
                self.fleet.log.welcomes_s.append(time.monotonic())
            case {"type": "draining", "retryAfterMs": int(retry_after_ms)}:
                self._retry_after_s = retry_after_ms / 1000
                self.fleet.log.retry_after_ms.append(retry_after_ms)
            case {"type": "error" | "snapshot_needed"}:
                raise RuntimeError(f"The server says {frame}.")
            case {"channel": str(channel), "offset": int(offset), "at": _}:
                assert offset == self.offsets[channel] + 1, f"{channel}: {offset} after {self.offsets[channel]}"
                self.offsets[channel] = offset
                self.fleet.log.entries += 1
                self.fleet.client_moved(self)
            case _:
                pass

    def _send(self, opcode: int, payload: bytes) -> None:
        assert self._transport is not None
        size = len(payload)
        head = bytes((128 | opcode, 128 | size)) if size < 126 else struct.pack(">BBH", 128 | opcode, 128 | 126, size)
        self._transport.write(head + bytes(4) + payload)  # masked with zeros


def _frame_at(have: bytes, at: int) -> tuple[int, bytes, int] | None:
    """Opcode, payload, and where the next frame begins."""
    if len(have) < at + 2:
        return None
    size, start = have[at + 1] & 127, at + 2
    if size >= 126:
        width = 2 if size == 126 else 8
        if len(have) < start + width:
            return None
        size, start = int.from_bytes(have[start : start + width], "big"), start + width
    end = start + size
    return None if len(have) < end else (have[at] & 15, have[start:end], end)
