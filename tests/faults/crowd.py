"""Several people who type into one chat at full speed, whatever happens to the server."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.harness.history import Finding, History, check, read_database
from tests.harness.json_types import JsonDict
from tests.harness.live_client import Tabs
from tests.harness.people import Person
from tests.harness.running_server import RunningServer
from tests.harness.typist import LOST, Typist

MOST_ON_THEIR_WAY = 5
"""Changes of the structure by one person that are not answered yet."""
AWAY = (*LOST, TimeoutError)
HOLD_BACK_S = 0.05
"""How long somebody waits before they send again what could not be stored."""


class PatientTypist(Typist):
    """Sends again on a new connection what the server could not store just now (rule ERR2)."""

    unavailable: int = 0
    """How often that was said."""

    def refused(self, frame: JsonDict) -> None:
        if frame["code"] != "unavailable":
            super().refused(frame)
            return
        assert frame["message"].endswith("."), frame
        assert frame["op"] not in self.acks, "what was acknowledged cannot fail any more"
        self.unavailable += 1
        raise ConnectionError(frame["message"])


@dataclass
class Crowd:
    """`acked` counts over all of them."""

    server: RunningServer
    tabs: Tabs
    chat: JsonDict
    typists: Sequence[PatientTypist]
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def acked(self) -> int:
        return sum(len(typist.acks) for typist in self.typists)

    @property
    def unavailable(self) -> int:
        return sum(typist.unavailable for typist in self.typists)

    async def type_until(self, enough: Callable[[], bool]) -> None:
        """Nobody is interrupted in the middle of a frame; their connections stay open."""
        typing = [asyncio.create_task(self._type(typist, enough)) for typist in self.typists]
        await asyncio.gather(*typing)

    async def type_until_the_server_dies(self) -> None:
        await asyncio.gather(*(self._type_until_lost(typist) for typist in self.typists))

    async def _type(self, typist: PatientTypist, enough: Callable[[], bool]) -> None:
        while not enough():
            try:
                await self.type_once(typist)
            except AWAY:
                typist.drop()
                await asyncio.sleep(HOLD_BACK_S * typist.random.random())

    async def _type_until_lost(self, typist: PatientTypist) -> None:
        try:
            while True:
                await self.type_once(typist)
        except AWAY:
            typist.drop()

    async def type_once(self, typist: PatientTypist) -> None:
        if len(typist.commands) < MOST_ON_THEIR_WAY:
            typist.type()
            if typist.random.random() < 0.2:
                await typist.restructure()
            await typist.send_what_waits()
        await typist.take_in()
        self._changed.set()

    async def until(self, it_is_so: Callable[[], bool]) -> None:
        """Looks again after each frame that comes to anybody."""
        while not it_is_so():
            self._changed.clear()
            await self._changed.wait()

    async def come_to_rest(self) -> None:
        """Everybody comes back, everything is sent, and everybody has heard of everything."""
        while not all(typist.is_settled for typist in self.typists):
            for typist in self.typists:
                await _catch_up(typist)
        for typist in self.typists:
            await _catch_up(typist)
            typist.has_heard_everything()

    def findings(self, database: Path | None = None) -> list[Finding]:
        """What a judge says who knows the frames, the database (or a copy of it), and what everybody would load now."""
        loaded = [(typist.person.id, typist.loaded) for typist in self.typists]
        fresh = [(person.id, person.chat(self.chat["id"])) for person in {t.person for t in self.typists}]
        return check(History(self.tabs.records, read_database(database or self.server.database), loaded, fresh))


async def _catch_up(typist: Typist) -> None:
    while True:
        try:
            await typist.send_what_waits()
            await typist.catch_up()
        except AWAY:
            typist.drop()
            await asyncio.sleep(HOLD_BACK_S)
        else:
            return


def gather_crowd(server: RunningServer, tabs: Tabs, people: Sequence[Person], size: int, random: Random) -> Crowd:
    """All of them in a new chat of the first one."""
    chat = people[0].new_chat("one", "two", "three")
    for other in people[1:]:
        people[0].share(chat["id"], other)
    each_random = [Random(random.random()) for _ in range(size)]
    typists = [PatientTypist(tabs, people[n % len(people)], chat["id"], each_random[n]) for n in range(size)]
    return Crowd(server, tabs, chat, typists)
