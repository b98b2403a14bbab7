"""One subscription: whatever happens around it, its entries come once, in order, without gaps."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chatsynth.realtime.subscription import Phase, Subscription


class Deliveries(RuleBasedStateMachine):
    """A log that grows, live entries that come in commit order but may be late or lost, an outbox that may be full,
    and pages from the log."""

    @initialize(head=st.integers(0, 5), missing=st.integers(0, 5))
    def begin(self, head: int, missing: int) -> None:
        self.log_head = head
        self.subscription = Subscription("chat:1", max(0, head - missing) + 1)
        self.first = self.subscription.next_offset
        self.in_flight: list[int] = []
        self.sent: list[int] = []

    @rule(lost=st.booleans())
    def commit(self, lost: bool) -> None:
        self.log_head += 1
        if not lost:
            self.in_flight.append(self.log_head)

    @precondition(lambda self: self.in_flight)
    @rule(fits=st.booleans())
    def publish(self, fits: bool) -> None:
        offset = self.in_flight.pop(0)
        if self.subscription.offered(offset):
            if fits:
                self.sent.append(offset)
            else:
                self.subscription.unsent()

    @precondition(lambda self: self.subscription.phase is Phase.OPENING)
    @rule(behind_by=st.integers(0, 2))
    def open(self, behind_by: int) -> None:
        """The look-up may have been made before the last commits."""
        found = max(self.first - 1, self.log_head - behind_by)
        if all(
            offset in self.in_flight or offset <= self.subscription.head
            for offset in range(found + 1, self.log_head + 1)
        ):
            self.subscription.opened("e", found)

    @precondition(lambda self: self.subscription.phase is not Phase.OPENING)
    @rule()
    def hint(self) -> None:
        self.subscription.hinted(self.log_head)

    @precondition(lambda self: self.subscription.phase is Phase.BEHIND)
    @rule(size=st.integers(1, 4), room=st.integers(0, 4))
    def feed(self, size: int, room: int) -> None:
        start = self.subscription.next_offset
        head = self.log_head
        for offset in range(start, min(start + size, head + 1)):
            if self.subscription.fed(offset):
                if not room:
                    self.subscription.unsent()
                    return
                room -= 1
                self.sent.append(offset)
        self.subscription.fed_until(head)

    @invariant()
    def once_in_order_without_gaps(self) -> None:
        if hasattr(self, "sent"):
            assert self.sent == list(range(self.first, self.first + len(self.sent)))
            assert self.subscription.next_offset == self.first + len(self.sent)

    @invariant()
    def nothing_is_sent_before_the_right_is_checked(self) -> None:
        if hasattr(self, "sent") and self.subscription.phase is Phase.OPENING:
            assert self.sent == []

    @invariant()
    def live_means_that_nothing_known_is_missing(self) -> None:
        if hasattr(self, "sent") and self.subscription.phase is Phase.LIVE:
            assert self.subscription.next_offset > self.subscription.head

    def teardown(self) -> None:
        """However it went, one hint and enough pages bring everything."""
        if not hasattr(self, "sent"):
            return
        if self.subscription.phase is Phase.OPENING:
            self.subscription.opened("e", self.log_head)
        self.subscription.hinted(self.log_head)
        for _ in range(self.log_head + 1):
            if self.subscription.phase is Phase.BEHIND:
                self.feed(4, 4)
        assert self.sent == list(range(self.first, self.log_head + 1))
        assert self.subscription.phase is Phase.LIVE


TestDeliveries = Deliveries.TestCase


@given(st.integers(0, 10), st.lists(st.integers(1, 20)))
def test_entries_that_were_sent_already_are_never_sent_again(head: int, offered: list[int]) -> None:
    subscription = Subscription("chat:1", head + 1)
    subscription.opened("e", head)
    sent = [offset for offset in offered if subscription.offered(offset)]
    assert sent == list(range(head + 1, head + 1 + len(sent)))
