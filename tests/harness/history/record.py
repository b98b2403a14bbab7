"""What is judged: the frames of each connection in their order, and the database at the end."""

import time
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tests.harness.json_types import JsonDict

Direction = Literal["sent", "received"]


@dataclass
class ConnectionRecord:
    """`name` says whose connection it was, for readers. `settled`: at its end it had heard everything there was."""

    name: str
    user_id: int
    frames: list[tuple[Direction, JsonDict]] = field(default_factory=list)
    settled: bool = False
    times_s: list[float] = field(default_factory=list)
    """When each frame was sent or came (`time.monotonic()`)."""

    def sent(self, frame: JsonDict) -> None:
        self._add("sent", frame)

    def received(self, frame: JsonDict) -> None:
        self._add("received", frame)

    def _add(self, direction: Direction, frame: JsonDict) -> None:
        self.frames.append((direction, frame))
        self.times_s.append(time.monotonic())

    def until(self, at_s: float) -> "ConnectionRecord":
        """What had happened by then."""
        return ConnectionRecord(self.name, self.user_id, self.frames[: bisect_right(self.times_s, at_s)])


@dataclass(frozen=True)
class Log:
    """`entries` as clients get them; those up to `pruned_to` are gone."""

    channel: str
    epoch: str
    head: int
    pruned_to: int
    entries: Sequence[JsonDict]

    def at(self, offset: int) -> JsonDict | None:
        index = offset - self.pruned_to - 1
        return self.entries[index] if 0 <= index < len(self.entries) else None


@dataclass(frozen=True)
class StoredOp:
    """The answer that the server remembers for a change."""

    user_id: int
    op: str
    channel: str
    offset: int


@dataclass(frozen=True)
class Database:
    """`ops` took effect. `texts` by message; `owners` by chat; `broken_index`: what the database says of its index."""

    logs: Mapping[str, Log] = field(default_factory=dict)
    ops: Sequence[StoredOp] = ()
    texts: Mapping[int, str] = field(default_factory=dict)
    owners: Mapping[int, int] = field(default_factory=dict)
    broken_index: str | None = None


@dataclass(frozen=True)
class History:
    """`snapshots` were loaded on the way, `fresh` at the end; each with the person who loaded it."""

    connections: Sequence[ConnectionRecord]
    database: Database
    snapshots: Sequence[tuple[int, JsonDict]] = ()
    fresh: Sequence[tuple[int, JsonDict]] = ()


def is_entry(frame: JsonDict) -> bool:
    """An entry says where it stands and when it was made (rule ENT1)."""
    return "channel" in frame and "offset" in frame and "at" in frame


def is_whole_save(command: JsonDict) -> bool:
    """It may leave several entries of one name, or none (rule PLN7)."""
    return command["type"] == "chat_update" and command["chat"].get("messageId") is None
