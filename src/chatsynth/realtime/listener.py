"""What the hub knows of a connection: whose it is, and how to hand it something. Nothing here waits."""

from typing import Protocol

from chatsynth.kit.wire_model import WireModel
from chatsynth.realtime.counts import EndReason
from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.outbox import Outbox
from chatsynth.realtime.publication import Publication
from chatsynth.realtime.session import Session


class Listener(Protocol):
    """One open connection, as `connection.Connection` is."""

    session: Session
    outbox: Outbox
    last_heard_s: float

    def offer(self, publication: Publication, *, at_once: bool) -> bool:
        """A live entry; True when something now waits to be flushed. `at_once` when no other comes with it."""

    def offer_plain(self, publication: Publication) -> bool:
        """The same in its plain form."""

    def send(self, frame: WireModel) -> None: ...

    def flush(self) -> None: ...

    def held_bytes(self) -> int: ...

    def is_stalled(self, now_s: float) -> bool: ...

    def revoke(self, channel: str) -> bool:
        """Nothing of the channel leaves any more; True when the session was listening to it."""

    def close(self, code: CloseCode) -> None:
        """Says why, and ends."""

    def cut(self, reason: EndReason) -> None:
        """Ends at once, without a word: the peer does not read."""
