"""Following what other processes write to the same database: their entries, ended rights and progress go live here."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from sqlalchemy import Connection

from chatsynth.log.recover import heads
from chatsynth.log.rights import RIGHTS_CHANNEL, rights_changes_after
from chatsynth.realtime.hub import Hub
from chatsynth.realtime.publication import AfterCommit, StateChange

log = structlog.get_logger(__name__)

Look = Callable[[Callable[[Connection], object]], Awaitable[object]]
States = Callable[[Connection], Sequence[StateChange]]
"""Finds states that other processes changed, such as the progress of a job."""


class Tail:
    """Looks once for each hint, and once more if hints came while it looked."""

    def __init__(self, hub: Hub, look: Look, states: States) -> None:
        self._hub = hub
        self._look = look
        self._states = states
        self._rights_offset = 0
        self._wanted = asyncio.Event()

    def hint(self) -> None:
        """Another process has committed something. Called on the event loop."""
        self._wanted.set()

    async def run(self) -> None:
        self._rights_offset = await self._rights_head()
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._catch_up()
            except Exception:
                log.exception("following other processes failed")

    async def _rights_head(self) -> int:
        found = await self._look(lambda db: heads(db, [RIGHTS_CHANNEL]))
        assert isinstance(found, dict)
        return found[RIGHTS_CHANNEL].head if found else 0

    async def _catch_up(self) -> None:
        channels = self._hub.channels()
        events, new_heads = await self._look_for(channels)
        self._hub.publish(events)  # ended rights first: nothing new may reach who lost them
        self._hub.hint_heads(new_heads)

    async def _look_for(self, channels: Sequence[str]) -> tuple[list[AfterCommit], list[tuple[str, int]]]:
        events: list[AfterCommit] = []
        new_heads: list[tuple[str, int]] = []

        def look(db: Connection) -> None:
            while True:
                changes, offset = rights_changes_after(db, self._rights_offset)
                self._rights_offset = offset
                events.extend(changes)
                if not changes:
                    break
            events.extend(self._states(db))
            new_heads.extend((name, each.head) for name, each in heads(db, channels).items())

        await self._look(look)
        return events, new_heads
