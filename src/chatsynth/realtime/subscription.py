"""One session on one channel: which offset it gets next, and whether from the live feed or from the log.

The rule that makes "once, in order, without gaps" true: an entry is sent live only if it is exactly the next one.
Anything else marks the subscription behind, and a subscription that is behind is fed from the log until it has
reached the newest known head. Catching up after a reconnect, a full outbox and a lost hint are this one case.
"""

from dataclasses import dataclass
from enum import Enum, auto


class Phase(Enum):
    OPENING = auto()
    """Registered for news, rights and position not checked yet: nothing is sent."""
    LIVE = auto()
    BEHIND = auto()


@dataclass(slots=True)
class Subscription:
    channel: str
    next_offset: int
    head: int = 0
    epoch: str = ""
    phase: Phase = Phase.OPENING
    feeding: bool = False
    is_kept_waiting: bool = False
    """The log could not be read the last time."""
    is_read_later: bool = False

    def opened(self, epoch: str, head: int) -> Phase:
        """Rights are given and the client's position is in this log; news that came meanwhile counts (rule SUB1)."""
        self.epoch = epoch
        self.head = max(self.head, head)
        self.phase = Phase.LIVE if self.next_offset > self.head else Phase.BEHIND
        return self.phase

    def offered(self, offset: int) -> bool:
        """A live entry came by: True when it is to be sent now (rule SUB2)."""
        if offset > self.head:
            self.head = offset
        if self.phase is not Phase.LIVE:
            return False
        if offset == self.next_offset:
            self.next_offset += 1
            return True
        if offset > self.next_offset:
            self.phase = Phase.BEHIND
        return False

    def hinted(self, head: int) -> None:
        """Somebody heard of a newer head, for example another process that wrote to the log."""
        self.head = max(self.head, head)
        if self.phase is Phase.LIVE and self.head >= self.next_offset:
            self.phase = Phase.BEHIND

    def unsent(self) -> None:
        """The entry that was just taken from the live feed found no room in the outbox."""
        self.next_offset -= 1
        self.phase = Phase.BEHIND

    def fed(self, offset: int) -> bool:
        """An entry was read from the log: True when it is the next one and to be sent."""
        if offset != self.next_offset:
            return False
        self.next_offset += 1
        return True

    def fed_until(self, head: int) -> None:
        """A page from the log ended; live again when nothing newer is known than what was sent."""
        self.head = max(self.head, head)
        if self.phase is Phase.BEHIND and self.next_offset > self.head:
            self.phase = Phase.LIVE
