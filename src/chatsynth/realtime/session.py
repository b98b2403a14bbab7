"""What one connection is subscribed to and what must happen for each frame it sends. Pure: no clock, no socket."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import assert_never

import pydantic_core

from chatsynth.realtime.errors import ErrorCode
from chatsynth.realtime.frames import (
    PROTOCOL_VERSION,
    Command,
    EngineFrame,
    Error,
    Heads,
    Heartbeat,
    Hello,
    Limits,
    Position,
    SetPresence,
    SnapshotNeeded,
    SnapshotReason,
    Subscribe,
    Subscribed,
    Unsubscribe,
    Unsubscribed,
    Welcome,
)
from chatsynth.realtime.identity import Identity
from chatsynth.realtime.ports import ChannelHead, NoSuchChannel
from chatsynth.realtime.publication import Publication
from chatsynth.realtime.subscription import Phase, Subscription

DELIVERED_REMEMBERED = 1000


class Mode(Enum):
    PLAIN = auto()
    """Never said `hello`: gets the plain form of all it may see, and no frame type beyond those (rule PLN1)."""
    FULL = auto()


# What the driver is to do ------------------------------------------------------------------------

Reply = Welcome | Subscribed | Unsubscribed | SnapshotNeeded | Error | Heads


@dataclass(frozen=True, slots=True)
class Send:
    frame: Reply


@dataclass(frozen=True, slots=True)
class Opening:
    """A client's wish to listen from a position, and the subscription that was registered for it."""

    position: Position
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class Open:
    """Check rights and positions of these channels, then call `opened` for each."""

    openings: tuple[Opening, ...]
    welcome: bool


@dataclass(frozen=True, slots=True)
class Leave:
    channel: str


@dataclass(frozen=True, slots=True)
class Feed:
    """Read the log of this channel and call `fed` with the page."""

    channel: str


@dataclass(frozen=True, slots=True)
class Execute:
    command: Command


@dataclass(frozen=True, slots=True)
class ShowPresence:
    presence: SetPresence


Effect = Send | Open | Leave | Feed | Execute | ShowPresence


@dataclass(slots=True)
class Session:
    """The live state of one client on one connection."""

    id: str
    identity: Identity
    limits: Limits
    mode: Mode = Mode.PLAIN
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    delivered: OrderedDict[str, int] = field(default_factory=OrderedDict)
    may_be_behind: bool = False

    def receive(self, frame: EngineFrame | Command | Error, now_ms: int) -> Iterator[Effect]:
        match frame:
            case Error():
                yield Send(frame)
            case Hello():
                yield from self._hello(frame)
            case Command():
                yield Execute(frame)
            case _ if self.mode is Mode.PLAIN:  # PLN1: nothing that a plain client does not know
                yield _error(ErrorCode.INVALID_FRAME, f"Say “hello” before you send “{frame.type}”.")
            case Subscribe():
                yield from self._subscribe(frame)
            case Unsubscribe():
                if self.subscriptions.pop(frame.channel, None):
                    yield Leave(frame.channel)
                yield Send(Unsubscribed(channel=frame.channel))
            case Heartbeat():
                yield Send(self.heads(now_ms))
            case SetPresence():
                yield from self._presence(frame)
            case _:
                assert_never(frame)

    def _hello(self, frame: Hello) -> Iterator[Effect]:
        if self.mode is Mode.FULL:
            yield _error(ErrorCode.HELLO_TWICE, "“hello” was already said on this connection.")
        elif frame.v != PROTOCOL_VERSION:
            yield _error(
                ErrorCode.UNSUPPORTED_VERSION,
                f"This server speaks version {PROTOCOL_VERSION} of the protocol, not {frame.v}.",
            )
        elif len(frame.channels) > self.limits.max_subscriptions:
            yield self._too_many()
        else:
            self.mode = Mode.FULL
            yield Open(tuple(self._register(position) for position in frame.channels), welcome=True)

    def _subscribe(self, frame: Subscribe) -> Iterator[Effect]:
        known = self.subscriptions.get(frame.channel)
        if known is not None:
            if known.phase is not Phase.OPENING:  # SUB4: a second subscribe changes nothing
                yield Send(Subscribed(channel=frame.channel, epoch=known.epoch, head=known.head))
        elif len(self.subscriptions) >= self.limits.max_subscriptions:
            yield self._too_many(frame.channel)
        else:
            yield Open((self._register(frame),), welcome=False)

    def _register(self, position: Position) -> Opening:
        """Before the look-up, so that no entry and no revocation can slip between look-up and registration."""
        subscription = Subscription(position.channel, position.offset + 1)
        self.subscriptions[position.channel] = subscription
        return Opening(position, subscription)

    def holds(self, subscription: Subscription) -> bool:
        """False once it has ended, even if there is a newer one to the same channel."""
        return self.subscriptions.get(subscription.channel) is subscription

    def listens_to(self, channel: str) -> bool:
        """True once the right to the channel was found to be given."""
        subscription = self.subscriptions.get(channel)
        return subscription is not None and subscription.phase is not Phase.OPENING

    def _too_many(self, channel: str | None = None) -> Send:
        sentence = f"A connection may listen to at most {self.limits.max_subscriptions} channels."
        return _error(ErrorCode.TOO_MANY_SUBSCRIPTIONS, sentence, channel)

    def _presence(self, frame: SetPresence) -> Iterator[Effect]:
        if not self.listens_to(frame.channel):
            yield _error(ErrorCode.NOT_SUBSCRIBED, "Subscribe to the channel before you show presence.", frame.channel)
        elif _size(frame) > self.limits.max_presence_bytes:
            yield _error(ErrorCode.TOO_LARGE, "This presence state is too large.", frame.channel)
        else:
            yield ShowPresence(frame)

    def opened(self, opening: Opening, found: ChannelHead | NoSuchChannel) -> Iterator[Effect]:
        """The look-up that `Open` asked for has ended. Nothing happens if the subscription is gone by now: what was
        found for it must not open a later one, whose right may have ended in between (promise P6)."""
        position, subscription = opening.position, opening.subscription
        if not self.holds(subscription):
            return
        if isinstance(found, NoSuchChannel):
            del self.subscriptions[position.channel]
            yield Leave(position.channel)
            yield _error(ErrorCode.FORBIDDEN, found.sentence, position.channel)
            return
        reason = _why_snapshot(position, found)
        if reason is not None:
            yield from self._need_snapshot(position.channel, reason, found.epoch, found.head)
            return
        is_behind = self._noted(subscription.opened(found.epoch, found.head))
        yield Send(Subscribed(channel=position.channel, epoch=found.epoch, head=subscription.head))
        if is_behind:
            yield Feed(position.channel)

    def log_was_pruned(self, channel: str, head: int) -> Iterator[Effect]:
        """The log lost entries that a subscription still had to be fed: only a snapshot helps (rule SUB3)."""
        yield from self._need_snapshot(channel, "pruned", self.subscriptions[channel].epoch, head)

    def _need_snapshot(self, channel: str, reason: SnapshotReason, epoch: str, head: int) -> Iterator[Effect]:
        del self.subscriptions[channel]
        yield Leave(channel)
        yield Send(SnapshotNeeded(channel=channel, reason=reason, epoch=epoch, head=head))

    def offered(self, publication: Publication) -> bool:
        """True when this live entry is to be sent to this session now."""
        subscription = self.subscriptions.get(publication.channel)
        if subscription is None:
            return False
        if subscription.offered(publication.offset):
            return True
        self._noted(subscription.phase)
        return False

    def unsent(self, subscription: Subscription) -> None:
        """The entry that was just taken found no room in the outbox."""
        subscription.unsent()
        self._noted(subscription.phase)

    def hinted(self, channel: str, head: int) -> None:
        """Somebody heard of a newer head, for example another process that wrote to the log."""
        subscription = self.subscriptions.get(channel)
        if subscription is not None:
            subscription.hinted(head)
            self._noted(subscription.phase)

    def _noted(self, phase: Phase) -> bool:
        self.may_be_behind |= phase is Phase.BEHIND
        return phase is Phase.BEHIND

    def note_delivered(self, publication: Publication) -> None:
        """Remembers what a plain connection was given, as the base of what it sends next (rule PLN4)."""
        self._note_known(publication.channel, publication.offset)

    def note_committed(self, channel: str, offset: int) -> None:
        """A client knows its own changes too, and made what it sends next with them (rule PLN4)."""
        self._note_known(channel, max(offset, self.delivered.get(channel, 0)))

    def _note_known(self, channel: str, offset: int) -> None:
        self.delivered[channel] = offset
        self.delivered.move_to_end(channel)
        if len(self.delivered) > DELIVERED_REMEMBERED:
            self.delivered.popitem(last=False)

    def delivered_offset(self, channel: str) -> int | None:
        subscription = self.subscriptions.get(channel)
        if subscription is not None and subscription.phase is not Phase.OPENING:
            return subscription.next_offset - 1
        return self.delivered.get(channel)

    def behind(self) -> list[Subscription]:
        """Those to feed now. Asked after every write, so the up to 1,000 subscriptions are looked at only if needed."""
        if not self.may_be_behind:
            return []
        lagging = [each for each in self.subscriptions.values() if each.phase is Phase.BEHIND]
        self.may_be_behind = bool(lagging)
        return [each for each in lagging if not each.feeding]

    def needs_feeding(self, channel: str) -> bool:
        subscription = self.subscriptions.get(channel)
        return subscription is not None and subscription.phase is Phase.BEHIND and not subscription.feeding

    def revoked(self, channel: str) -> bool:
        """What a plain connection was given stays the base of what it saves, should the right come back (rule PLN4)."""
        return self.subscriptions.pop(channel, None) is not None

    def heads(self, now_ms: int) -> Heads:
        heads = {each.channel: each.head for each in self.subscriptions.values() if each.phase is not Phase.OPENING}
        return Heads(heads=heads, server_time=now_ms)

    def welcome(self, heads: dict[str, int], now_ms: int) -> Welcome:
        return Welcome(
            session=self.id,
            user_id=self.identity.user_id,
            heads=heads,
            limits=self.limits,
            server_time=now_ms,
        )


def _why_snapshot(position: Position, found: ChannelHead) -> SnapshotReason | None:
    if position.epoch not in ("", found.epoch):  # SUB6: an empty epoch is not checked
        return "epoch"
    if position.offset < found.pruned_to:
        return "pruned"
    if position.offset > found.head:
        return "ahead"
    return None


def _size(presence: SetPresence) -> int:
    return 0 if presence.state is None else len(pydantic_core.to_json(presence.state))


def _error(code: ErrorCode, sentence: str, channel: str | None = None) -> Send:
    return Send(Error(code=code, message=sentence, channel=channel))
