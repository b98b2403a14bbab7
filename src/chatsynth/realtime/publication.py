"""What a commit lets the live core know: new log entries, ended rights, ended sign-ins, and progress."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.framing import text_frame


@dataclass(frozen=True)
class PlainForm:
    """The same news for connections that never said `hello`: who gets it, and how to make its JSON."""

    audience: frozenset[int]
    encode: Callable[[], bytes]


@dataclass(frozen=True)
class Publication:
    """One log entry on its way to the subscribers of its channel, encoded once for all of them."""

    channel: str
    epoch: str
    offset: int
    payload: bytes
    plain: PlainForm | None = None

    @cached_property
    def frame(self) -> bytes:
        return text_frame(self.payload)

    @cached_property
    def plain_frame(self) -> bytes:
        assert self.plain is not None
        return text_frame(self.plain.encode())


@dataclass(frozen=True)
class ChannelClosed:
    """`user_id` may no longer listen to `channel` (rule REV1)."""

    channel: str
    user_id: int
    reason: str


@dataclass(frozen=True)
class CredentialEnded:
    """A sign-in or a token of this person ended; its connections close with `code` (rule REV2)."""

    credential: str
    user_id: int
    code: CloseCode


@dataclass(frozen=True)
class CredentialRenewed:
    """A sign-in goes on for longer than its connections were told when they began."""

    credential: str
    user_id: int
    expires_at_ms: int


@dataclass(frozen=True)
class UserEnded:
    """All connections of a person close, whatever they signed in with (rule REV3)."""

    user_id: int
    code: CloseCode


@dataclass(frozen=True)
class StateChange:
    """Something of which only the newest value matters, for all connections of one person; never logged."""

    user_id: int
    key: str
    payload: bytes


AfterCommit = Publication | ChannelClosed | CredentialEnded | CredentialRenewed | UserEnded | StateChange
