"""Drives one session over one WebSocket: a reader that always runs, a bounded outbox, a writer that never waits."""

import asyncio
from collections.abc import Coroutine, Iterator
from functools import partial
from typing import assert_never

import structlog

from chatsynth.kit.wire_model import WireModel
from chatsynth.realtime.counts import REASON_OF_CODE, EndReason
from chatsynth.realtime.downlink import Downlink
from chatsynth.realtime.errors import CLOSE_REASONS, CloseCode, ErrorCode
from chatsynth.realtime.frames import Ack, Command, EngineFrame, Error, SetPresence, SnapshotNeeded
from chatsynth.realtime.framing import text_frame
from chatsynth.realtime.identity import Origin
from chatsynth.realtime.intake import Frame, Intake
from chatsynth.realtime.outbox import Outbox
from chatsynth.realtime.pace import Pace, weight
from chatsynth.realtime.ports import ChannelHead, LogPage, NoSuchChannel, Wire
from chatsynth.realtime.publication import Publication
from chatsynth.realtime.session import Effect, Execute, Feed, Leave, Mode, Open, Opening, Send, Session, ShowPresence
from chatsynth.realtime.subscription import Phase, Subscription
from chatsynth.realtime.surroundings import Surroundings
from chatsynth.realtime.under_way import UnderWay, load_of

NOT_TEXT = Error(code=ErrorCode.NOT_TEXT, message="Frames are JSON texts; a binary frame is not understood.")
LISTENERS_OF_ONE = 20
"""Showing presence to so many costs as much as a frame."""
LOOK_UP_FAILED = "The server could not look this up just now. Please try again."
READ_FAILED = "The server cannot read what was missed just now. It goes on by itself as soon as it can."
log = structlog.get_logger(__name__)


class Connection:
    """One open WebSocket. Every method returns at once; the peer is never awaited (promise P7)."""

    __slots__ = (
        "_around",
        "_began_s",
        "_downlink",
        "_frames_taken",
        "_intake",
        "_pace",
        "_under_way",
        "closed",
        "last_heard_s",
        "outbox",
        "session",
        "wire",
    )

    def __init__(self, wire: Wire, session: Session, around: Surroundings, now_s: float) -> None:
        self.wire = wire
        self._downlink = Downlink(wire, now_s)
        self.session = session
        self.outbox = Outbox(around.settings.outbox_window_bytes, around.settings.reply_window_bytes)
        self.closed = False
        self.last_heard_s = now_s
        self._around = around
        self._began_s = now_s
        self._frames_taken = 0
        self._pace = Pace()
        self._under_way = UnderWay(around.settings.commands_in_flight)
        self._intake = Intake(
            wire,
            partial(around.hub.turns.ask, session.identity.user_id),
            around.settings,
            self._take_frame,
            lambda: self._under_way.takes_more and self.outbox.takes_replies,
        )

    # Reading ------------------------------------------------------------------------------------

    def wait_s_after(self, frames: int, size_bytes: int) -> float:
        """How long the wire is to wait before it reads on, now that it has read so much (promise P7)."""
        self.last_heard_s = asyncio.get_running_loop().time()
        return self._ask(weight(frames, size_bytes))

    def _ask(self, amount: float) -> float:
        now_s = asyncio.get_running_loop().time()
        settings = self._around.settings
        of_person = self._around.hub.pace_of(self.session.identity.user_id)
        return max(self._pace.ask(amount, settings.rate, now_s), of_person.ask(amount, settings.rate_per_user, now_s))

    def text_received(self, text: str) -> None:
        self._intake.put(text)

    def binary_received(self) -> None:
        self._intake.put(NOT_TEXT)

    def _take_frame(self, item: Frame) -> float:
        """Returns what it counts, as in `pace`; for its bytes was asked when they were read from the network."""
        self._frames_taken += 1
        if isinstance(item, Error):
            self._deal_with(item, 1)
            return weight(1, 0)
        values, frame = self._around.parser.weigh_and_parse(item)
        self._ask(weight(0, 0, values))
        self._deal_with(frame, load_of(item))
        return weight(1, len(item), values)

    def _deal_with(self, frame: EngineFrame | Command | Error, load: int) -> None:
        if not self.closed:
            self._carry_out_all(self.session.receive(frame, self._around.clock()), load)
        elif isinstance(frame, Command):  # sent before the goodbye, so it counts
            self._execute(frame, load)

    def _carry_out(self, effect: Effect, load: int) -> None:
        match effect:
            case Send(frame):
                self.send(frame)
            case Open(openings, welcome):
                self._open(openings, welcome)
            case Leave(channel):
                self.outbox.forget_states(channel)
                self._around.hub.leave(self, channel)
            case Feed(channel):
                self._feed(channel)
            case Execute(command):
                self._execute(command, load)
            case ShowPresence(presence):
                self._show_presence(presence)
            case _:
                assert_never(effect)

    # Subscriptions ------------------------------------------------------------------------------

    def _open(self, openings: tuple[Opening, ...], welcome: bool) -> None:
        self._ask(len(openings))
        for opening in openings:
            self._around.hub.join(self, opening.position.channel)
        if welcome:
            self._around.hub.no_longer_plain(self)
        self._spawn(self._look_up(openings, welcome))

    async def _look_up(self, openings: tuple[Opening, ...], welcome: bool) -> None:
        names = [opening.position.channel for opening in openings]
        try:
            found = await self._around.channels.open(self.session.identity, names)
        except Exception:
            if welcome:  # the next `subscribe` needs one, and is answered as soon as logs can be read again
                self.send(self.session.welcome({}, self._around.clock()))
            self._forget(openings)
            raise
        if welcome:
            heads = {name: each.head for name, each in zip(names, found, strict=True) if isinstance(each, ChannelHead)}
            self.send(self.session.welcome(heads, self._around.clock()))
        for opening, each in zip(openings, found, strict=True):
            self._carry_out_all(self.session.opened(opening, each))
            if self.session.holds(opening.subscription):
                self._tell_who_is_here(opening.position.channel)

    def _forget(self, openings: tuple[Opening, ...]) -> None:
        for opening in openings:
            channel = opening.position.channel
            if self.session.holds(opening.subscription):
                del self.session.subscriptions[channel]
                self._around.hub.leave(self, channel)
            self.send(Error(channel=channel, code=ErrorCode.UNAVAILABLE, message=LOOK_UP_FAILED))

    def _feed(self, channel: str) -> None:
        subscription = self.session.subscriptions.get(channel)
        if subscription is None or subscription.feeding or subscription.phase is not Phase.BEHIND:
            return
        subscription.feeding = True
        wait_s = self._ask(0)
        if wait_s:  # who was read so much for waits, so that coming back again and again costs others nothing (P7)
            asyncio.get_running_loop().call_later(wait_s, self._begin_to_read, subscription)
        else:
            self._begin_to_read(subscription)

    def _begin_to_read(self, subscription: Subscription) -> None:
        if not self.closed:
            self._spawn(self._read_log(subscription))

    async def _read_log(self, subscription: Subscription) -> None:
        try:
            after = subscription.next_offset - 1
            name, head = subscription.channel, subscription.head
            page = await self._around.channels.read(self.session.identity, name, after, head)
        except Exception:
            self._read_later(subscription)
            if not subscription.is_kept_waiting:  # told once, to the client and in the log
                subscription.is_kept_waiting = True
                self.send(Error(channel=subscription.channel, code=ErrorCode.UNAVAILABLE, message=READ_FAILED))
                raise
            return
        finally:
            subscription.feeding = False
        subscription.is_kept_waiting = False
        if isinstance(page, NoSuchChannel):  # the end of the right is committed and about to be told
            return
        if self.session.holds(subscription) and not self.closed:  # a newer one has another position
            self._send_page(subscription, page)

    def _read_later(self, subscription: Subscription) -> None:
        """By itself, if nothing else makes it be read before."""
        if not subscription.is_read_later:
            subscription.is_read_later = True
            asyncio.get_running_loop().call_later(self._around.settings.read_retry_s, self._read_now, subscription)

    def _read_now(self, subscription: Subscription) -> None:
        subscription.is_read_later = False
        if self.session.holds(subscription) and not self.closed:
            self._feed(subscription.channel)

    def _send_page(self, subscription: Subscription, page: LogPage) -> None:
        before = subscription.next_offset
        first = page.entries[0].offset if page.entries else page.head + 1
        if first > subscription.next_offset:
            self._carry_out_all(self.session.log_was_pruned(subscription.channel, page.head))
            return
        for entry in page.entries:
            if subscription.fed(entry.offset) and not self.outbox.push_log(subscription.channel, entry.frame):
                self._unsent(subscription)
                break
        else:
            subscription.fed_until(page.head)
        self._ask(weight(0, sum(len(entry.payload) for entry in page.entries)))
        self._around.hub.counts.replayed_pages += 1
        self._around.hub.counts.replayed_entries += subscription.next_offset - before
        self.flush()

    def _carry_out_all(self, effects: Iterator[Effect], load: int = 1) -> None:
        for effect in list(effects):
            self._carry_out(effect, load)

    # Commands -----------------------------------------------------------------------------------

    def _execute(self, command: Command, load: int) -> None:
        """What builds on all that the connection knows waits for its own changes before it (rule PLN4)."""
        if self._under_way.load and self._around.commands.builds_on_delivered(command):
            self._under_way.held_up = command, load
            return
        channel = self._around.commands.channel_of(command)
        delivered = self.session.delivered_offset(channel) if channel else None
        self._under_way.load += load
        self._spawn(self._answer(Origin(self.session.identity, self.session.id, delivered), command, load))

    async def _answer(self, origin: Origin, command: Command, load: int) -> None:
        try:
            answer = await self._around.commands.execute(origin, command)
        finally:
            self._under_way.load -= load
        if isinstance(answer, Ack):
            self.session.note_committed(answer.channel, answer.offset)
        if isinstance(answer, Error) or answer.op is not None or self.session.mode is Mode.FULL:
            self.send(answer)
        if freed := self._under_way.freed():
            self._execute(*freed)
        self._intake.go_on()

    # Presence -----------------------------------------------------------------------------------

    def _show_presence(self, presence: SetPresence) -> None:
        self._ask(self._around.hub.listeners_of(presence.channel) / LISTENERS_OF_ONE)
        self._around.hub.show_presence(self, presence)

    def _tell_who_is_here(self, channel: str) -> None:
        state = self._around.hub.presence_state(channel)
        if state is not None:
            self.outbox.put_state(f"present:{channel}", channel, text_frame(state.wire_json()))
            self.flush()

    # Writing ------------------------------------------------------------------------------------

    def send(self, frame: WireModel | Ack) -> None:
        if self.closed:
            return
        if isinstance(frame, Error):
            self._around.hub.counts.errors[frame.code] += 1
        elif isinstance(frame, SnapshotNeeded):
            self._around.hub.counts.snapshots_needed[frame.reason] += 1
        self.outbox.push_reply(text_frame(frame.wire_json()))
        self.flush()

    def offer(self, publication: Publication, *, at_once: bool) -> bool:
        """A live entry for this connection; True when something now waits to be flushed or fed.

        `at_once`: no other entry comes with it, so nothing is gained by joining it with what follows. It overtakes
        nothing: a connection that can be written to was given all that waited.
        """
        if not self.session.offered(publication):
            return self.session.needs_feeding(publication.channel)
        if at_once and self._downlink.is_writable and not self.session.may_be_behind:
            self._write(publication.frame)
        elif not self.outbox.push_log(publication.channel, publication.frame):
            self._unsent(self.session.subscriptions[publication.channel])
            return True
        self._around.hub.counts.delivered_entries += 1
        return not self.outbox.is_empty

    def _unsent(self, subscription: Subscription) -> None:
        self._around.hub.counts.overflows += 1
        self.session.unsent(subscription)

    def offer_plain(self, publication: Publication) -> bool:
        if self.outbox.push_log(publication.channel, publication.plain_frame):
            self._around.hub.counts.delivered_entries += 1
            self.session.note_delivered(publication)
            return True
        self.cut(EndReason.OVERFLOW)  # PLN5: a plain connection cannot catch up from the log
        return False

    def flush(self) -> None:
        most_bytes = self._around.settings.write_chunk_bytes
        while self._downlink.is_writable and not self.closed and (taken := self.outbox.take(most_bytes)):
            self._write(taken)
        self._intake.go_on()
        if self.session.may_be_behind and self.outbox.is_low:
            for subscription in self.session.behind():
                self._feed(subscription.channel)

    def _write(self, frames: bytes) -> None:
        """What was taken from the outbox and not written would be a gap: who cannot be written to must come back."""
        try:
            self._downlink.write(frames)
        except Exception:
            log.exception("writing to a connection failed", session=self.session.id)
            self.cut(EndReason.MISTAKE)

    def writing_paused(self, now_s: float) -> None:
        self._downlink.paused(now_s)

    def writing_resumed(self) -> None:
        self._downlink.resumed()
        self.flush()

    # Ends ---------------------------------------------------------------------------------------

    def held_bytes(self) -> int:
        """What this connection costs in memory beyond what every idle one does."""
        return self.wire.held_bytes() + self._intake.size_bytes + self.outbox.waiting_bytes

    def is_stalled(self, now_s: float) -> bool:
        return self._downlink.is_stalled(now_s, self._around.settings.stall_timeout_s)

    def revoke(self, channel: str) -> bool:
        """Nothing of the channel leaves any more; True when the session was listening to it."""
        was_subscribed = self.session.revoked(channel)
        self.outbox.purge(channel)
        if self._downlink.holds_unsent:
            self.cut(EndReason.RIGHTS_CHANGED)
        return was_subscribed

    def close(self, code: CloseCode) -> None:
        """Says why, and ends; queued frames are dropped."""
        if not self.closed:
            self.outbox.clear()
            if self._downlink.holds_unsent:
                self.wire.abort()
            else:
                self.wire.close(code, CLOSE_REASONS[code])
            self.ended(REASON_OF_CODE[code])

    def cut(self, reason: EndReason) -> None:
        """Ends a connection whose peer does not read: no close frame could reach it."""
        if not self.closed:
            self.outbox.clear()
            self.wire.abort()
            self.ended(reason)

    def ended(self, reason: EndReason = EndReason.CLIENT_LEFT) -> None:
        """The socket is gone, for whatever reason; leaves no trace in the hub but a count."""
        if not self.closed:
            self.closed = True
            self.outbox.clear()
            self._intake.end(keeps_what_came=reason is EndReason.CLIENT_LEFT)
            self._log_end(reason)
            self._around.hub.counts.ends[reason] += 1
            self._around.hub.remove(self)

    def _log_end(self, reason: EndReason) -> None:
        log.info(
            "connection ended",
            session=self.session.id,
            user=self.session.identity.user_id,
            reason=str(reason),
            took_s=round(asyncio.get_running_loop().time() - self._began_s, 1),
            subscriptions=len(self.session.subscriptions),
            frames_received=self._frames_taken,
            bytes_sent=self._downlink.bytes_sent,
        )

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        self._around.hub.spawn(work, self.session.id)
