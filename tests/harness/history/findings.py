"""What a judge can find wrong."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """Each can be broken on its own."""

    LOG_GAP = "log-gap"
    """The offsets of a log are not consecutive up to its head."""
    OP_TWICE = "op-twice"
    """One change stands in the log more than once."""
    ACK_LOST = "ack-lost"
    """A change was acknowledged and does not stand in the log where its answer says."""
    ACKS_DIFFER = "acks-differ"
    """One change got two different answers, or was refused for good and acknowledged."""
    ACK_UNASKED = "ack-unasked"
    """An answer to a change that was not sent on this connection."""
    REFUSED_IN_LOG = "refused-in-log"
    """A change was refused for good and took effect all the same."""
    SENDING_ORDER = "sending-order"
    """Changes of one connection were carried out in another order than they were sent in."""
    GAP = "gap"
    """A subscriber did not get an entry before a later one."""
    TWICE = "twice"
    """A subscriber got an entry again, or one from before the position that it asked for."""
    NOT_SUBSCRIBED = "not-subscribed"
    """Something of a channel came without a subscription: before it, after its end, or after it was left."""
    AFTER_REVOKED = "after-revoked"
    """Something of a channel came after its `revoked`."""
    WITHOUT_RIGHT = "without-right"
    """A person got something of a channel that they had no right to at that time."""
    LOST_ENTRY = "lost-entry"
    """A subscriber got an entry that is not in the log."""
    ENTRY_DIFFERS = "entry-differs"
    """A subscriber got an entry that reads otherwise than the log, or than another subscriber got it."""
    BEHIND = "behind"
    """A connection that had heard everything has not got all entries."""
    WRONG_HEAD = "wrong-head"
    """A head or an epoch was told that the log does not have."""
    FOLD = "fold"
    """A snapshot with the entries after it is not what a fresh snapshot says."""
    ROWS = "rows"
    """The stored text, or the search index, is not what a fresh snapshot says."""


@dataclass(frozen=True, slots=True)
class Finding:
    rule: Rule
    where: str
    sentence: str

    def __str__(self) -> str:
        return f"[{self.rule}] {self.where}: {self.sentence}"
