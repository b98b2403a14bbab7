"""The connections of this node: who listens to what, and how news reaches them. Nothing here waits for a peer."""

import asyncio
import contextlib
import math
from collections import defaultdict
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from typing import assert_never

import structlog

from chatsynth.realtime.counts import EndReason, LiveCounts
from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.frames import Draining, PresenceChange, PresenceState, Present, Revoked, SetPresence
from chatsynth.realtime.framing import text_frame
from chatsynth.realtime.listener import Listener
from chatsynth.realtime.pace import Pace
from chatsynth.realtime.presence import Roster
from chatsynth.realtime.publication import (
    AfterCommit,
    ChannelClosed,
    CredentialEnded,
    CredentialRenewed,
    Publication,
    StateChange,
    UserEnded,
)
from chatsynth.realtime.session import Mode
from chatsynth.realtime.settings import LiveSettings
from chatsynth.realtime.turns import Turns

RETURN_SPACING_MS = 1

log = structlog.get_logger(__name__)


class Hub:
    """Local subscribers by channel and by person. Lives on one event loop; every method is called from it."""

    def __init__(self) -> None:
        self._by_user: defaultdict[int, set[Listener]] = defaultdict(set)
        self._plain_by_user: defaultdict[int, set[Listener]] = defaultdict(set)
        self._by_channel: defaultdict[str, dict[Listener, None]] = defaultdict(dict)
        self._rosters: dict[str, Roster] = {}
        self._paces: defaultdict[int, Pace] = defaultdict(Pace)
        self._tasks: set[asyncio.Task[None]] = set()
        self.turns = Turns()
        self.counts = LiveCounts()
        self.connection_count = 0
        self.is_draining = False
        self.ended_rights = 0
        self._next_expiry_ms = math.inf
        """No sign-in expires earlier than this."""

    # Connections --------------------------------------------------------------------------------

    def add(self, connection: Listener) -> None:
        user_id = connection.session.identity.user_id
        self.counts.connected += 1
        self._note_expiry(connection)
        self.connection_count += 1
        self._by_user[user_id].add(connection)
        self._plain_by_user[user_id].add(connection)

    def no_longer_plain(self, connection: Listener) -> None:
        _discard(self._plain_by_user, connection.session.identity.user_id, connection)

    def remove(self, connection: Listener) -> None:
        user_id = connection.session.identity.user_id
        self.connection_count -= 1
        _discard(self._by_user, user_id, connection)
        _discard(self._plain_by_user, user_id, connection)
        for channel in list(connection.session.subscriptions):
            self.leave(connection, channel)
        connection.session.subscriptions.clear()

    def join(self, connection: Listener, channel: str) -> None:
        self._by_channel[channel][connection] = None

    def leave(self, connection: Listener, channel: str) -> None:
        listeners = self._by_channel.get(channel)
        if listeners is not None and listeners.pop(connection, True) is None and not listeners:
            del self._by_channel[channel]
        self._leave_presence(connection, channel)

    def connections(self) -> list[Listener]:
        return [connection for connections in self._by_user.values() for connection in connections]

    def connections_of(self, user_id: int) -> int:
        return len(self._by_user.get(user_id, ()))

    @property
    def people(self) -> int:
        return len(self._by_user)

    @property
    def presence_states(self) -> int:
        return sum(len(roster) for roster in self._rosters.values())

    def listeners_of(self, channel: str) -> int:
        return len(self._by_channel.get(channel, ()))

    def pace_of(self, user_id: int) -> Pace:
        """What all connections of a person asked for lately; it outlives them, so that coming back resets nothing."""
        return self._paces[user_id]

    def channels(self) -> list[str]:
        return list(self._by_channel)

    # News ---------------------------------------------------------------------------------------

    def publish(self, events: Iterable[AfterCommit]) -> None:
        """Hands on what commits brought, in their order; each connection gets one write for all of it."""
        touched: dict[Listener, None] = {}
        news = list(events)
        for event in news:
            match event:
                case Publication():
                    self._publish_entry(event, touched, alone=len(news) == 1)
                case StateChange():
                    self._publish_state(event, touched)
                case ChannelClosed():
                    self._close_channel(event)
                case CredentialEnded(credential, user_id, code):
                    self._close(self._signed_in_with(credential, user_id), code)
                case CredentialRenewed(credential, user_id, expires_at_ms):
                    self._renew(self._signed_in_with(credential, user_id), expires_at_ms)
                case UserEnded(user_id, code):
                    self._close(list(self._by_user.get(user_id, ())), code)
                case _:
                    assert_never(event)
        for connection in touched:
            connection.flush()

    def _publish_entry(self, entry: Publication, touched: dict[Listener, None], *, alone: bool) -> None:
        self.counts.published_entries += 1
        for connection in list(self._by_channel.get(entry.channel, ())):
            if connection.offer(entry, at_once=alone):
                touched[connection] = None
        if entry.plain is not None and self._plain_by_user:
            self._publish_plain(entry, entry.plain.audience, touched)

    def _publish_plain(self, entry: Publication, audience: frozenset[int], touched: dict[Listener, None]) -> None:
        for user_id in audience & self._plain_by_user.keys():
            for connection in list(self._plain_by_user[user_id]):
                if connection.offer_plain(entry):
                    touched[connection] = None

    def _publish_state(self, change: StateChange, touched: dict[Listener, None]) -> None:
        frame = text_frame(change.payload)
        for connection in self._by_user.get(change.user_id, ()):
            if connection.session.mode is Mode.FULL:
                connection.outbox.put_state(change.key, None, frame)
                touched[connection] = None

    def hint_heads(self, heads: Iterable[tuple[str, int]]) -> None:
        """Another process wrote to these logs: whoever is behind now is fed from the log."""
        for channel, head in heads:
            for connection in list(self._by_channel.get(channel, ())):
                connection.session.hinted(channel, head)
                connection.flush()

    # Ended rights -------------------------------------------------------------------------------

    def _close_channel(self, event: ChannelClosed) -> None:
        """All of the person's connections first: that one of them has left is told to the others, but not to these."""
        frame = Revoked(channel=event.channel, reason=event.reason)
        theirs = list(self._by_user.get(event.user_id, ()))
        subscribed = {each for each in theirs if each.revoke(event.channel)}
        for connection in theirs:
            self.leave(connection, event.channel)
            if connection in subscribed:
                connection.send(frame)

    def _signed_in_with(self, credential: str, user_id: int) -> list[Listener]:
        return [each for each in self._by_user.get(user_id, ()) if each.session.identity.credential == credential]

    def _close(self, connections: Iterable[Listener], code: CloseCode) -> None:
        self.ended_rights += 1
        for connection in connections:
            connection.close(code)

    def end_expired(self, now_ms: int) -> None:
        """Costs nothing while nothing is due, so it can be asked ten times a second."""
        if now_ms < self._next_expiry_ms:
            return
        self._next_expiry_ms = math.inf
        for connection in self.connections():
            if _expires_at_ms(connection) <= now_ms:
                connection.close(CloseCode.EXPIRED)
            else:
                self._note_expiry(connection)

    def _note_expiry(self, connection: Listener) -> None:
        self._next_expiry_ms = min(self._next_expiry_ms, _expires_at_ms(connection))

    def _renew(self, connections: Iterable[Listener], expires_at_ms: int) -> None:
        for connection in connections:
            connection.session.identity = replace(connection.session.identity, expires_at_ms=expires_at_ms)

    # Presence -----------------------------------------------------------------------------------

    def show_presence(self, connection: Listener, presence: SetPresence) -> None:
        if presence.state is None:
            self._leave_presence(connection, presence.channel)
            return
        roster = self._rosters.setdefault(presence.channel, Roster(presence.channel))
        identity = connection.session.identity
        change = roster.put(
            Present(session=connection.session.id, user_id=identity.user_id, name=identity.name, state=presence.state)
        )
        self._tell_presence(change, connection)

    def presence_state(self, channel: str) -> PresenceState | None:
        roster = self._rosters.get(channel)
        return roster.full_state() if roster else None

    def _leave_presence(self, connection: Listener, channel: str) -> None:
        roster = self._rosters.get(channel)
        if roster is None:
            return
        change = roster.drop(connection.session.id)
        if roster.is_empty:
            del self._rosters[channel]
        self._tell_presence(change, connection)

    def _tell_presence(self, change: PresenceChange | None, source: Listener) -> None:
        if change is None:
            return
        frame = text_frame(change.wire_json())
        for connection in list(self._by_channel.get(change.channel, ())):
            if connection is not source and connection.session.listens_to(change.channel):
                key = f"presence:{change.channel}:{change.session}"
                connection.outbox.put_state(key, change.channel, frame)
                connection.flush()

    # Upkeep -------------------------------------------------------------------------------------

    def sweep(self, now_s: float, now_ms: int, settings: LiveSettings) -> None:
        """Once a second: cuts who stalls, fell silent or holds too much, closes whose sign-in has expired."""
        self.end_expired(now_ms)
        for connection in self.connections():
            if connection.is_stalled(now_s):
                connection.cut(EndReason.STALLED)
            elif now_s - connection.last_heard_s > settings.idle_timeout_s:
                connection.cut(EndReason.SILENT)
        self._cut_who_holds_most(settings.max_held_bytes)
        rested = [user_id for user_id, pace in self._paces.items() if pace.is_rested(settings.rate_per_user, now_s)]
        for user_id in rested:
            del self._paces[user_id]

    def _cut_who_holds_most(self, most_bytes: int) -> None:
        """Many connections, each within its own bounds, may still be too much for the machine together."""
        held = [(connection.held_bytes(), connection) for connection in self.connections()]
        total = sum(size for size, _ in held)
        if total <= most_bytes:
            return
        for size, connection in sorted(held, key=lambda each: -each[0]):
            connection.cut(EndReason.HELD_TOO_MUCH)
            total -= size
            if total <= most_bytes:
                return

    def drain(self, retry_after_ms: int) -> int:
        """Says goodbye to everyone before the node stops, and asks them to return one after the other (rule DRN1)."""
        self.is_draining = True
        told = [each for each in self.connections() if each.session.mode is Mode.FULL]
        for number, connection in enumerate(told):
            connection.send(Draining(retry_after_ms=retry_after_ms + number * RETURN_SPACING_MS))
        return len(told)

    def close_all(self) -> None:
        for connection in self.connections():
            connection.close(CloseCode.GOING_AWAY)

    def spawn(self, work: Coroutine[None, None, None], session_id: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=session_id)
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("live task failed", session=task.get_name(), exc_info=task.exception())

    async def finish_tasks(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.gather(*self._tasks, return_exceptions=True)


def _expires_at_ms(connection: Listener) -> float:
    expires_at_ms = connection.session.identity.expires_at_ms
    return math.inf if expires_at_ms is None else expires_at_ms


def _discard(index: defaultdict[int, set[Listener]], user_id: int, connection: Listener) -> None:
    members = index.get(user_id)
    if members is not None:
        members.discard(connection)
        if not members:
            del index[user_id]
