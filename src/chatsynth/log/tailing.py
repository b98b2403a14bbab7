"""Following what other processes write to the same database: their entries, ended rights and progress go live here."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Connection

from chatsynth.kit.clock import Clock
from chatsynth.kit.measure import Histogram
from chatsynth.log.recover import heads
from chatsynth.log.rights import RIGHTS_CHANNEL, LoggedRightsChange, all_rights_changes_after
from chatsynth.realtime.hub import Hub
from chatsynth.realtime.publication import AfterCommit, Publication, StateChange

log = structlog.get_logger(__name__)
RETRY_S = 1.0

Look = Callable[[Callable[[Connection], object]], Awaitable[object]]
States = Callable[[Connection], Sequence[StateChange]]
"""Finds states that other processes changed, such as the progress of a job."""


@dataclass(slots=True)
class _Found:
    rights: list[LoggedRightsChange] = field(default_factory=list)
    states: list[StateChange] = field(default_factory=list)
    heads: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class TailCounts:
    """How closely this process follows the others, since its start."""

    catch_up_s: Histogram = field(default_factory=Histogram)
    """From the moment another process's commit was noticed until all of it had been told."""
    failures: int = 0
    behind_since_s: float | None = None
    """When (`time.monotonic`) the oldest commit was noticed that is not told yet."""


class Tail:
    """Looks once for each hint, and once more if hints came while it looked."""

    def __init__(self, hub: Hub, look: Look, states: States, clock: Clock) -> None:
        self.counts = TailCounts()
        self._hub = hub
        self._look = look
        self._states = states
        self._clock = clock
        self._rights_offset = 0
        self._told: set[int] = set()
        self._wanted = asyncio.Event()

    def hint(self) -> None:
        """Another process has committed something. Called on the event loop."""
        if self.counts.behind_since_s is None:
            self.counts.behind_since_s = time.monotonic()
        self._wanted.set()

    @property
    def rights_offset(self) -> int:
        return self._rights_offset

    def note_own(self, events: Iterable[AfterCommit]) -> None:
        """What this process wrote itself takes effect without the log. Doing it again later would end a right that
        was given anew in between."""
        for event in events:
            if isinstance(event, Publication) and event.channel == RIGHTS_CHANNEL:
                self._told.add(event.offset)

    def tell_ended(self, changes: Iterable[LoggedRightsChange]) -> None:
        """Those that were told already are passed over."""
        new = [each for each in changes if each.offset > self._rights_offset and each.offset not in self._told]
        self._hub.publish(each.change for each in new)
        for each in new:
            self._told.add(each.offset)
            self._hub.counts.revocation_s.observe(max(0, self._clock() - each.at_ms) / 1000)

    async def begin(self) -> None:
        """Before the first connection comes: rights that ended until now were never seen by any."""

        def look(db: Connection) -> None:
            known = heads(db, [RIGHTS_CHANNEL])
            self._rights_offset = known[RIGHTS_CHANNEL].head if known else 0

        await self._look(look)

    async def run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._catch_up()
            except Exception:
                log.exception("following other processes failed")
                self.counts.failures += 1
                await asyncio.sleep(RETRY_S)
                self._wanted.set()
            else:
                self._caught_up()

    def _caught_up(self) -> None:
        since_s = self.counts.behind_since_s
        if since_s is not None and not self._wanted.is_set():
            self.counts.catch_up_s.observe(time.monotonic() - since_s)
            self.counts.behind_since_s = None

    async def _catch_up(self) -> None:
        found = await self._look_for(self._hub.channels())
        self.tell_ended(found.rights)  # first: nothing new may reach who lost a right
        self._hub.publish(found.states)
        self._hub.hint_heads(found.heads)
        if found.rights:  # only now: had anything failed, they would be looked for again
            self._rights_offset = found.rights[-1].offset
            self._told = {offset for offset in self._told if offset > self._rights_offset}

    async def _look_for(self, channels: Sequence[str]) -> _Found:
        found = _Found()

        def look(db: Connection) -> None:
            found.rights.extend(all_rights_changes_after(db, self._rights_offset))
            found.states.extend(self._states(db))
            found.heads.extend((name, each.head) for name, each in heads(db, channels).items())

        await self._look(look)
        return found


class EndedRights:
    """What other processes ended, found on the writer's thread while it holds the write lock: so it is told before
    anything that is committed here after it (promise P6)."""

    def __init__(self) -> None:
        self._seen: int | None = None

    def begin(self, rights_offset: int) -> None:
        """What was ended up to here was never seen by any connection."""
        self._seen = rights_offset

    def look(self, db: Connection) -> list[LoggedRightsChange]:
        """The new ones, those of this process included, which were told already."""
        if self._seen is None:
            return []
        found = all_rights_changes_after(db, self._seen)
        if found:
            self._seen = found[-1].offset
        return found
