"""What a node's live core counts of itself; who runs the server reads it. An event costs one addition."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from chatsynth.kit.measure import Histogram
from chatsynth.realtime.errors import CloseCode, ErrorCode
from chatsynth.realtime.frames import SnapshotReason


class EndReason(StrEnum):
    """Why a connection ended."""

    CLIENT_LEFT = "client_left"
    """The peer closed it, or the network did."""
    BAD_FRAME = "bad_frame"
    """Not RFC 6455, not UTF-8, or larger than allowed: the codes 1002, 1007 and 1009."""
    NO_PONG = "no_pong"
    SILENT = "silent"
    STALLED = "stalled"
    OVERFLOW = "overflow"
    """A plain connection that read too slowly (rule PLN5)."""
    HELD_TOO_MUCH = "held_too_much"
    """All connections together took more memory than they may, and this one had most of it."""
    MISTAKE = "mistake"
    """Of the server."""
    GOING_AWAY = "going_away"
    RIGHTS_CHANGED = "rights_changed"
    SIGNED_OUT = "signed_out"
    EXPIRED = "expired"
    REVOKED = "revoked"
    DISABLED = "disabled"


REASON_OF_CODE = {code: EndReason[code.name] for code in CloseCode if code.name in EndReason.__members__}
REASON_OF_CODE[CloseCode.TOO_SLOW] = EndReason.STALLED


@dataclass(slots=True)
class LiveCounts:
    """Since the start of the process; each only grows."""

    connected: int = 0
    refused_connections: Counter[CloseCode] = field(default_factory=Counter)
    ends: Counter[EndReason] = field(default_factory=Counter)
    published_entries: int = 0
    delivered_entries: int = 0
    """To one connection each, from the live feed; those from the log are `replayed_entries`."""
    replayed_entries: int = 0
    replayed_pages: int = 0
    overflows: int = 0
    """How often a full outbox put a subscription behind (rule SUB8)."""
    snapshots_needed: Counter[SnapshotReason] = field(default_factory=Counter)
    errors: Counter[ErrorCode] = field(default_factory=Counter)
    revocation_s: Histogram = field(default_factory=Histogram)
    """From the commit that ended a right to the moment after which nothing more leaves (promise P6)."""
