"""People whose connection, server and rights come and go; they never give up."""

import asyncio
from collections.abc import Callable
from random import Random

import httpx

from tests.faults.crowd import Crowd, PatientTypist
from tests.harness.json_types import JsonDict
from tests.harness.live_client import Tabs
from tests.harness.people import Person
from tests.harness.typist import LOST

WATCHDOG_S = 5.0
"""Who hears nothing for so long looks for another connection: this one may be half open."""
BACK_OFF_S = 0.1
REST_S = 120.0
GONE = (*LOST, TimeoutError, OSError)


class RightLost(Exception):
    """This person may not be here any more."""


class ChaosTypist(PatientTypist):
    """`readings` are all the snapshots it loaded. Who only listens hears of a lost right from the server alone."""

    def __init__(self, tabs: Tabs, person: Person, chat_id: int, random: Random, *, only_listens: bool = False) -> None:
        super().__init__(tabs, person, chat_id, random)
        self.only_listens = only_listens
        self.readings: list[JsonDict] = [self.loaded]
        self.rights_lost = 0

    def hear(self, frame: JsonDict) -> None:
        if frame["type"] == "draining":
            raise ConnectionError("The server is stopping.")
        if frame["type"] == "revoked":
            raise RightLost
        super().hear(frame)

    def refused(self, frame: JsonDict) -> None:
        if frame["code"] in ("forbidden", "not_found"):
            raise RightLost
        super().refused(frame)

    async def load_again(self) -> bool:
        """False while this person may not."""
        answer = await asyncio.to_thread(self.person.request, "GET", f"/api/chats/{self._chat_id}?limit=1000")
        if answer.status_code != 200:
            return False
        self.begin_with(answer.json())
        self.readings.append(self.loaded)
        return True


async def live(crowd: Crowd, typist: ChaosTypist, is_over: Callable[[], bool]) -> None:
    """Types until it is over; only a mistake of the server raises."""
    may_be_here = True
    while not is_over():
        try:
            if not may_be_here:
                may_be_here = await typist.load_again()
            if may_be_here:
                async with asyncio.timeout(WATCHDOG_S):
                    await (typist.take_in() if typist.only_listens else crowd.type_once(typist))
                continue
        except RightLost:
            typist.rights_lost += 1
            typist.drop()
            may_be_here = False
        except (*GONE, httpx.TransportError):
            typist.drop()
        await asyncio.sleep(BACK_OFF_S * typist.random.random())
    if not may_be_here:
        typist.drop()


async def come_to_rest(crowd: Crowd, typists: list[ChaosTypist]) -> None:
    """When nothing is wrong any more: everybody may be there, and has everything."""
    async with asyncio.timeout(REST_S):
        await asyncio.gather(*(_settle(typist) for typist in typists))
        await crowd.come_to_rest()


async def _settle(typist: ChaosTypist) -> None:
    has_heard = False
    while not (has_heard and typist.is_settled):
        try:
            async with asyncio.timeout(WATCHDOG_S):
                await typist.send_what_waits()
                await typist.catch_up()
                has_heard = True
        except RightLost:
            typist.drop()
            await typist.load_again()
        except GONE:
            typist.drop()
            await asyncio.sleep(BACK_OFF_S)
