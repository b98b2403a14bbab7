"""The engine's own frames, as they cross the wire. Product frames derive from `Command` and from log entries."""

from typing import Annotated, Literal

from pydantic import Field

from chatsynth.kit.json_types import JsonObject, ParsedJsonObject
from chatsynth.kit.wire_model import AT_FIRST_MISTAKE, WireModel
from chatsynth.realtime.errors import ErrorCode

PROTOCOL_VERSION = 1

Op = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
ChannelName = Annotated[str, Field(min_length=3, max_length=64, pattern=r"^[a-z]+:[0-9]+$")]
Offset = Annotated[int, Field(ge=0, le=2**53)]


class Position(WireModel):
    """Where a client stands in a channel's log: it has every entry up to and including `offset`."""

    channel: ChannelName
    epoch: Annotated[str, Field(max_length=64)]
    offset: Offset


# Client to server -------------------------------------------------------------------------------


class Hello(WireModel):
    """Opens the full protocol and resumes every channel in one round trip (rule HEL1)."""

    type: Literal["hello"]
    v: int
    client: Annotated[str, Field(max_length=200)] = ""
    channels: Annotated[tuple[Position, ...], Field(max_length=10_000), AT_FIRST_MISTAKE] = ()


class Subscribe(Position):
    type: Literal["subscribe"]


class Unsubscribe(WireModel):
    type: Literal["unsubscribe"]
    channel: ChannelName


class Heartbeat(WireModel):
    """Sent by either side; the server's answer carries the heads of the session's channels (rule HB1)."""

    type: Literal["heartbeat"]


class SetPresence(WireModel):
    """Tells the channel where this session's person is; `state` null leaves (rule PRE1)."""

    type: Literal["presence"]
    channel: ChannelName
    state: ParsedJsonObject | None


class Command(WireModel):
    """A change that the client names with `op`, so that it takes effect once however often it is sent (rule OP1)."""

    op: Op | None = None


EngineFrame = Hello | Subscribe | Unsubscribe | Heartbeat | SetPresence

# Server to client -------------------------------------------------------------------------------


class Limits(WireModel):
    """What this connection may do; sent in `welcome`."""

    max_frame_bytes: int
    max_frame_values: int
    max_subscriptions: int
    max_text_units: int
    max_presence_bytes: int
    heartbeat_interval_ms: int


class Welcome(WireModel):
    type: Literal["welcome"] = "welcome"
    session: str
    user_id: int
    heads: dict[str, int]
    limits: Limits
    server_time: int


class Subscribed(WireModel):
    """The subscription stands; entries up to `head` follow, then everything new (rule SUB1)."""

    type: Literal["subscribed"] = "subscribed"
    channel: str
    epoch: str
    head: int


class Unsubscribed(WireModel):
    type: Literal["unsubscribed"] = "unsubscribed"
    channel: str


SnapshotReason = Literal["epoch", "pruned", "ahead"]


class SnapshotNeeded(WireModel):
    """The log cannot continue from the client's position: load the snapshot and subscribe from its offset (SUB3)."""

    type: Literal["snapshot_needed"] = "snapshot_needed"
    channel: str
    reason: SnapshotReason
    epoch: str
    head: int


class Ack(WireModel):
    """The change is on disk at this place of the log (rule ACK1). `result` names what was made."""

    type: Literal["ack"] = "ack"
    op: str | None
    channel: str
    offset: int
    result: JsonObject


class Error(WireModel):
    type: Literal["error"] = "error"
    op: str | None = None
    channel: str | None = None
    code: ErrorCode
    message: str


class Heads(WireModel):
    """The server's heartbeat: the head of each subscribed channel, so that a silent loss is found (rule HB2)."""

    type: Literal["heartbeat"] = "heartbeat"
    heads: dict[str, int]
    server_time: int


class Present(WireModel):
    """One session in a channel: whose it is and what it says of itself (cursor, message being edited)."""

    session: str
    user_id: int
    name: str
    state: JsonObject


class PresenceState(WireModel):
    """Everyone who is here; replaces what the client knew (rule PRE2)."""

    type: Literal["presence"] = "presence"
    channel: str
    full: Literal[True] = True
    present: tuple[Present, ...]


class PresenceChange(WireModel):
    """One session that came, moved or (with `state` null) left (rule PRE3)."""

    type: Literal["presence"] = "presence"
    channel: str
    full: Literal[False] = False
    session: str
    user_id: int
    name: str
    state: JsonObject | None


class Revoked(WireModel):
    """The person may no longer listen to this channel; nothing of it follows (rule REV1)."""

    type: Literal["revoked"] = "revoked"
    channel: str
    reason: str


class Draining(WireModel):
    """The server is about to stop: come back after this time, plus your own jitter (rule DRN1)."""

    type: Literal["draining"] = "draining"
    retry_after_ms: int


ServerFrame = (
    Welcome
    | Subscribed
    | Unsubscribed
    | SnapshotNeeded
    | Ack
    | Error
    | Heads
    | PresenceState
    | PresenceChange
    | Revoked
    | Draining
)
