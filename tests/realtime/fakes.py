"""The live core's surroundings, in memory: a wire that can stall, logs without a database, commands that succeed."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from chatsynth.realtime.connection import Connection
from chatsynth.realtime.frames import Ack, Command, Error
from chatsynth.realtime.hub import Hub
from chatsynth.realtime.identity import Identity, Origin
from chatsynth.realtime.parsing import FrameParser
from chatsynth.realtime.ports import ChannelHead, LogPage, NoSuchChannel
from chatsynth.realtime.publication import PlainForm, Publication
from chatsynth.realtime.session import Session
from chatsynth.realtime.settings import LiveSettings
from chatsynth.realtime.surroundings import Surroundings
from tests.harness.json_types import JsonDict

EPOCH = "e-1"


class Rename(Command):
    """A command of an imaginary product."""

    type: Literal["rename"]
    channel: str = "chat:1"
    builds_on_delivered: bool = False


SMALL = LiveSettings(outbox_window_bytes=1000, reply_window_bytes=1000, write_chunk_bytes=500)
PARSER = FrameParser((Rename,), LiveSettings().max_frame_values)


class FakeWire:
    """`stalled`: what is written stays in the buffer, as when the peer does not read."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.buffer = b""
        self.stalled = False
        self._reading = True
        self.close_code: int | None = None
        self._aborted = False
        self.connection: Connection | None = None

    def write(self, frames: bytes) -> None:
        assert self.close_code is None
        assert not self._aborted
        if self.stalled:
            self.buffer += frames
            assert self.connection is not None
            self.connection.writing_paused(0.0)
        else:
            self.written.append(frames)

    def drain(self) -> None:
        """The peer reads again."""
        self.stalled = False
        if self.buffer:
            self.written.append(self.buffer)
        self.buffer = b""
        assert self.connection is not None
        self.connection.writing_resumed()

    def buffered_bytes(self) -> int:
        return len(self.buffer)

    def held_bytes(self) -> int:
        return len(self.buffer)

    def close(self, code: int, reason: str) -> None:
        assert reason
        self.close_code = code

    def abort(self) -> None:
        self._aborted = True

    def was_aborted(self) -> bool:
        return self._aborted

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True

    def is_read(self) -> bool:
        return self._reading

    # What came out

    def frames(self) -> list[JsonDict]:
        return [json.loads(payload) for payload in payloads(b"".join(self.written))]

    def types(self) -> list[str]:
        return [frame["type"] for frame in self.frames()]

    def offsets(self, channel: str) -> list[int]:
        return [frame["offset"] for frame in self.frames() if frame.get("channel") == channel and "at" in frame]


def payloads(stream: bytes) -> list[bytes]:
    """The payloads of unmasked text frames (RFC 6455, section 5.2)."""
    found: list[bytes] = []
    at = 0
    while at < len(stream):
        assert stream[at] == 0x81
        size, at = stream[at + 1], at + 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size, at = int.from_bytes(stream[at : at + width], "big"), at + width
        found.append(stream[at : at + size])
        at += size
    assert at == len(stream)
    return found


def entry(channel: str, offset: int, size: int = 0, plain_for: frozenset[int] | None = None) -> Publication:
    body = {"channel": channel, "offset": offset, "op": None, "by": 1, "at": 0, "type": "said", "text": "x" * size}
    payload = json.dumps(body).encode()
    plain = None if plain_for is None else PlainForm(plain_for, lambda: payload)
    return Publication(channel, EPOCH, offset, payload, plain)


@dataclass
class FakeLogs:
    """Implements `Channels`. Look-ups wait at `gate` and reads at `read_gate` as long as it is closed."""

    logs: dict[str, list[Publication]] = field(default_factory=lambda: defaultdict(list))
    pruned_to: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    forbidden: set[tuple[int, str]] = field(default_factory=set)
    page_size: int = 3
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    read_gate: asyncio.Event = field(default_factory=asyncio.Event)
    reads: int = 0
    look_ups_fail: bool = False
    reads_fail: bool = False

    def __post_init__(self) -> None:
        self.gate.set()
        self.read_gate.set()

    def append(self, channel: str, size: int = 0, plain_for: frozenset[int] | None = None) -> Publication:
        made = entry(channel, len(self.logs[channel]) + 1, size, plain_for)
        self.logs[channel].append(made)
        return made

    async def open(self, identity: Identity, names: Sequence[str]) -> Sequence[ChannelHead | NoSuchChannel]:
        found = [self._open_one(identity.user_id, name) for name in names]
        await self.gate.wait()
        _fail(self.look_ups_fail)
        return found

    def _open_one(self, user_id: int, name: str) -> ChannelHead | NoSuchChannel:
        if (user_id, name) in self.forbidden:
            return NoSuchChannel("No such channel.")
        return ChannelHead(EPOCH, len(self.logs[name]), self.pruned_to[name])

    async def read(self, identity: Identity, channel: str, after: int, head: int) -> LogPage | NoSuchChannel:  # noqa: ARG002
        self.reads += 1
        if (identity.user_id, channel) in self.forbidden:
            return NoSuchChannel("No such channel.")
        start = max(after, self.pruned_to[channel])
        page = LogPage(self.logs[channel][start : start + self.page_size], len(self.logs[channel]))
        await self.read_gate.wait()
        _fail(self.reads_fail)
        return page


def _fail(wanted: bool) -> None:
    if wanted:
        raise OSError("the disk is gone")


class FakeCommands:
    """Implements `Commands`: each command is done once its gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.origins: list[Origin] = []

    def channel_of(self, command: Command) -> str | None:
        return getattr(command, "channel", None)

    def builds_on_delivered(self, command: Command) -> bool:
        return isinstance(command, Rename) and command.builds_on_delivered

    async def execute(self, origin: Origin, command: Command) -> Ack | Error:
        self.origins.append(origin)
        await self.gate.wait()
        return Ack(op=command.op, channel="chat:1", offset=1, result={})


class Node:
    """A hub with connections to it, and the logs that they listen to."""

    def __init__(self, settings: LiveSettings | None = None) -> None:
        self.settings = settings or LiveSettings()
        self.hub = Hub()
        self.logs = FakeLogs()
        self.commands = FakeCommands()
        self._count = 0

    def connect(self, user_id: int = 1, expires_at_ms: int | None = None) -> tuple[Connection, FakeWire]:
        self._count += 1
        wire = FakeWire()
        identity = Identity(user_id, f"Person {user_id}", f"login:{self._count}", expires_at_ms)
        session = Session(f"s-{self._count}", identity, self.settings.limits())
        around = Surroundings(self.hub, self.logs, self.commands, PARSER, self.settings, lambda: 0)
        connection = Connection(wire, session, around, 0.0)
        wire.connection = connection
        self.hub.add(connection)
        return connection, wire

    async def listen(self, *channels: str, user_id: int = 1, offset: int = 0) -> tuple[Connection, FakeWire]:
        connection, wire = self.connect(user_id)
        say(connection, "hello", v=1, channels=[position(channel, offset) for channel in channels])
        await settle()
        return connection, wire

    def publish(self, *entries: Publication) -> None:
        self.hub.publish(list(entries))


def position(channel: str, offset: int = 0, epoch: str = "") -> JsonDict:
    return {"channel": channel, "epoch": epoch, "offset": offset}


def say(connection: Connection, type_: str, **fields: object) -> None:
    connection.text_received(json.dumps({"type": type_, **fields}))


async def settle(turns: int = 200) -> None:
    """Lets everything run that can run without anything new from outside."""
    for _ in range(turns):
        await asyncio.sleep(0)
