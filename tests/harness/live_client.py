"""A client of the live protocol, written from docs/reference/protocol.md alone."""

import asyncio
import contextlib
import itertools
import json
import secrets
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from tests.harness.history import ConnectionRecord
from tests.harness.json_types import JsonDict
from tests.harness.people import Person

PATIENCE_S = 30.0
"""How long a test waits for what must come before it fails; no test waits for this long when all is well."""
BEAT_EVERY_S = 0.2
"""Often enough for the least patient server of the tests."""
_numbers = itertools.count(1)


def new_op() -> str:
    return secrets.token_urlsafe(12)


def position_of(snapshot: Mapping[str, object]) -> JsonDict:
    """Where a snapshot or a list stands in its log."""
    return {key: snapshot[key] for key in ("channel", "epoch", "offset")}


class LiveClient:
    """One connection. Frames are kept in `frames` in the order in which they came, and with those sent in `record`."""

    def __init__(self, socket: ClientConnection, record: ConnectionRecord) -> None:
        self._socket = socket
        self._unread: deque[JsonDict] = deque()
        self.frames: list[JsonDict] = []
        self.record = record

    @classmethod
    async def open(
        cls,
        person: Person,
        *,
        user_id: int | None = None,
        headers: Mapping[str, str] | None = None,
        query: str = "",
        origin: str | None = None,
        reads_ahead: bool = True,
    ) -> Self:
        """Only the connection; without `hello` it speaks the plain vocabulary.

        With `reads_ahead` False, nothing is taken from the network until the test asks for it.
        """
        asked_for = person.id if user_id is None else user_id
        more = person.bearer if headers is None else headers
        socket = await connect(
            f"{person.server.live_url}/ws/{asked_for}{query}",
            additional_headers=[*more.items(), *([("Origin", origin)] if origin else [])],
            compression=None,
            proxy=None,
            max_size=None,
            max_queue=None if reads_ahead else 1,
            open_timeout=PATIENCE_S,
            ping_interval=None,
            close_timeout=2.0,
        )
        return cls(socket, ConnectionRecord(f"{person.name}, connection {next(_numbers)}", asked_for))

    # Sending

    async def send(self, type_: str, **fields: object) -> None:
        await self.send_frame({"type": type_, **fields})

    async def send_frame(self, frame: Mapping[str, object]) -> None:
        self.record.sent(dict(frame))
        await self.send_text(json.dumps(frame, ensure_ascii=False))

    async def send_text(self, text: str) -> None:
        await self._socket.send(text)

    async def send_after_the_end(self, type_: str, **fields: object) -> None:
        """Sends although the server may have closed already."""
        with contextlib.suppress(ConnectionClosed):
            await self.send(type_, **fields)

    async def send_bytes(self, content: bytes) -> None:
        await self._socket.send(content)

    async def hello(self, *positions: Mapping[str, object]) -> JsonDict:
        """Opens the full protocol; the answer `welcome`."""
        await self.send("hello", v=1, client="tests", channels=[position_of(each) for each in positions])
        return await self.wait_for("welcome")

    async def subscribe(self, snapshot: Mapping[str, object]) -> JsonDict:
        await self.send("subscribe", **position_of(snapshot))
        return await self.wait_for("subscribed", channel=snapshot["channel"])

    async def ask(self, type_: str, op: str | None = None, **fields: object) -> JsonDict:
        """A change; its `ack` or `error`. Other frames that come meanwhile stay unread."""
        name = op or new_op()
        await self.send(type_, op=name, **fields)
        return await self.answer_to(name)

    async def answer_to(self, op: str) -> JsonDict:
        """The `ack` or `error` of a change that was sent. Other frames that come meanwhile stay unread."""
        while True:
            for frame in self._unread:
                if frame["type"] in ("ack", "error") and frame["op"] == op:
                    self._unread.remove(frame)
                    return frame
            await self._receive()

    async def change(self, type_: str, op: str | None = None, **fields: object) -> JsonDict:
        """A change that is not refused; its `ack`."""
        answer = await self.ask(type_, op, **fields)
        assert answer["type"] == "ack", answer
        return answer

    async def refused(self, type_: str, op: str | None = None, **fields: object) -> str:
        """A change that is refused; the code of its `error`."""
        answer = await self.ask(type_, op, **fields)
        assert answer["type"] == "error", answer
        assert answer["message"].endswith((".", "…")), answer
        return str(answer["code"])

    def send_raw(self, content: bytes) -> None:
        """Bytes on the wire that no library would send."""
        self._socket.transport.write(content)

    async def send_fragments(self, fragments: Iterable[str]) -> None:
        await self._socket.send(fragments)

    async def ping(self) -> None:
        """Returns when the pong came."""
        async with asyncio.timeout(PATIENCE_S):
            await (await self._socket.ping())

    # Receiving

    async def next(self) -> JsonDict:
        """The next frame that no call has returned yet."""
        if not self._unread:
            await self._receive()
        return self._unread.popleft()

    async def _receive(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            frame = json.loads(await self._socket.recv())
        self.frames.append(frame)
        self.record.received(frame)
        self._unread.append(frame)

    async def wait_for(self, type_: str, **fields: object) -> JsonDict:
        """The next frame of this type with these fields; those before it are passed over."""
        while True:
            frame = await self.next()
            if frame["type"] == type_ and fields.items() <= frame.items():
                return frame

    async def fence(self) -> list[JsonDict]:
        """The unread frames, up to the answer to a frame that is sent now: all that the server had sent before it."""
        op = new_op()
        await self.send("fence", op=op)
        await self.answer_to(op)
        found = list(self._unread)
        self._unread.clear()
        return found

    def entries(self, channel: str) -> list[JsonDict]:
        """The entries of a channel that came so far, in the order in which they came."""
        return [frame for frame in self.frames if frame.get("channel") == channel and "at" in frame]

    def offsets(self, channel: str) -> list[int]:
        return [entry["offset"] for entry in self.entries(channel)]

    # Ends

    async def close(self) -> None:
        await self._socket.close()

    def abort(self) -> None:
        """As when the cable is cut and the system gives up: no close frame."""
        self._socket.transport.abort()

    async def end(self) -> int:
        """Reads until the connection has ended; the close code, 1006 when there was none."""
        try:
            while True:
                await self.next()
        except ConnectionClosed as closed:
            return 1006 if closed.rcvd is None else int(closed.rcvd.code)

    @property
    def has_ended(self) -> bool:
        return self._socket.state is not State.OPEN

    @property
    def close_reason(self) -> str:
        return self._socket.close_reason or ""


class Tabs:
    """The connections of a test; all of them are closed when it ends."""

    def __init__(self) -> None:
        self._open: list[LiveClient] = []
        self._beats: list[asyncio.Task[None]] = []

    async def open(
        self,
        person: Person,
        *,
        user_id: int | None = None,
        headers: Mapping[str, str] | None = None,
        query: str = "",
        origin: str | None = None,
    ) -> LiveClient:
        """Only the connection; the server may not know it yet."""
        tab = await LiveClient.open(person, user_id=user_id, headers=headers, query=query, origin=origin)
        self._open.append(tab)
        return tab

    async def plain(self, person: Person) -> LiveClient:
        """Never says `hello`; it is there for the server when this returns."""
        tab = await self.open(person)
        await tab.fence()
        return tab

    async def slow(self, person: Person) -> LiveClient:
        """Reads only what it is asked for."""
        tab = await LiveClient.open(person, reads_ahead=False)
        self._open.append(tab)
        return tab

    async def full(self, person: Person, *positions: Mapping[str, object]) -> LiveClient:
        """Has said `hello` and is subscribed to these channels."""
        tab = await self.open(person)
        await tab.hello(*positions)
        for each in positions:
            await tab.wait_for("subscribed", channel=each["channel"])
        return tab

    async def awake(self, person: Person, *positions: Mapping[str, object]) -> LiveClient:
        """As `full`, and never silent: whatever else the test waits for, its heartbeats go out."""
        tab = await self.full(person, *positions)
        self._beats.append(asyncio.create_task(_beat(tab)))
        return tab

    @property
    def records(self) -> list[ConnectionRecord]:
        """What every connection sent and got, for a judge of histories."""
        return [tab.record for tab in self._open]

    async def close(self) -> None:
        for beat in self._beats:
            beat.cancel()
        await asyncio.gather(*self._beats, return_exceptions=True)
        for tab in self._open:
            await tab.close()


async def _beat(tab: LiveClient) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            await tab.send("heartbeat")
            await asyncio.sleep(BEAT_EVERY_S)


def named(frames: Iterable[JsonDict], type_: str) -> list[JsonDict]:
    return [frame for frame in frames if frame["type"] == type_]
