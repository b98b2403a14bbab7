"""What the live core asks of the rest of the program. Implemented by the log and the features, never imported here."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chatsynth.realtime.frames import Ack, Command, Error
from chatsynth.realtime.identity import Identity, Origin
from chatsynth.realtime.publication import Publication


@dataclass(frozen=True, slots=True)
class ChannelHead:
    """Where a log ends, and which of its offsets are still kept: those above `pruned_to`."""

    epoch: str
    head: int
    pruned_to: int


@dataclass(frozen=True, slots=True)
class NoSuchChannel:
    """The channel does not exist or this person may not know that it does."""

    sentence: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """Consecutive entries, and the head when they were read."""

    entries: Sequence[Publication]
    head: int


class Channels(Protocol):
    """Rights and logs."""

    def open(self, identity: Identity, names: Sequence[str]) -> Awaitable[Sequence[ChannelHead | NoSuchChannel]]:
        """One answer for each name, in one look-up however many there are."""

    def read(self, identity: Identity, channel: str, after: int, head: int) -> Awaitable[LogPage | NoSuchChannel]:
        """The entries that follow `after`: as many as fit a page, or at least all up to `head`.

        The right is checked when they are read or later: no page holds an entry from after its end (P6).
        """


class Commands(Protocol):
    """Carries out what clients ask. The answer is given after the commit."""

    def channel_of(self, command: Command) -> str | None:
        """The channel that the command writes to, if it says so."""

    def builds_on_delivered(self, command: Command) -> bool:
        """Whether the command means the state that its connection was last given, rather than saying which (PLN4)."""

    def execute(self, origin: Origin, command: Command) -> Awaitable[Ack | Error]: ...


class Wire(Protocol):
    """The writing end of one WebSocket. Nothing here waits."""

    def write(self, frames: bytes) -> None:
        """Whole frames, already encoded."""

    def buffered_bytes(self) -> int:
        """What was written and has not gone out yet."""

    def held_bytes(self) -> int:
        """The same, and what came in and is no whole frame yet."""

    def close(self, code: int, reason: str) -> None: ...

    def abort(self) -> None:
        """Ends the connection at once, without waiting for a peer that does not read."""

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...
