"""One library under trouble of every kind at once, and what a judge says of it in the end."""

import asyncio
import itertools
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from tests.faults.chaos.cable import BadCable
from tests.faults.chaos.figures import Figures
from tests.faults.chaos.people import ChaosTypist, come_to_rest, live
from tests.faults.chaos.troubles import AT_ONCE, Trouble, World
from tests.faults.crowd import Crowd
from tests.faults.faulty import ForkedServer, control_of
from tests.faults.soundness import damage
from tests.harness.history import Finding, History, check, read_database
from tests.harness.live_client import Tabs
from tests.harness.people import sign_up
from tests.harness.running_server import RunningServer

SETTINGS = {
    "NOTIFICATIONS_PER_MINUTE": "100000",
    "LOCK_TIMEOUT_S": "0.5",
    "LIVE_IDLE_TIMEOUT_S": "10",
    "LIVE_DRAIN_S": "0.1",
}
PAUSE_S = 1.0
EXPECTED_IN_THE_LOG = (
    "commit failed",
    "reading failed",
    "WriteFailed",
    "OperationalError",
    "DatabaseError",
)
"""What a server may log as an error while its disk fails."""


async def one_round(folder: Path, seconds: float, random: Random, figures: Figures) -> None:
    """Adds to the figures; troubles end after so many seconds, then everybody comes to rest."""
    server = ForkedServer(folder, SETTINGS)
    cable = BadCable(server.port, Random(random.random()))
    tabs = Tabs()
    with control_of(folder) as control:
        await asyncio.to_thread(server.start)
        server.live_port = await cable.start()
        try:
            owner, editor, visitor = (sign_up(server, name) for name in ("Owner", "Editor", "Visitor"))
            chat = owner.new_chat("one", "two", "three")
            for other in (editor, visitor):
                owner.share(chat["id"], other)
            people = ((owner, False), (owner, False), (editor, False), (visitor, False), (visitor, True))
            typists = [
                ChaosTypist(tabs, each, chat["id"], Random(random.random()), only_listens=listens)
                for each, listens in people
            ]
            world = World(server, control, cable, owner, visitor, chat, random, figures)
            await _live_in_trouble(world, Crowd(server, tabs, chat, typists), typists, seconds)
            figures.findings += _judge(world, tabs, typists)
            _count(figures, tabs, typists, seconds)
        except Exception as mistake:  # noqa: BLE001 - whatever a client could not make sense of
            figures.mistakes.append("".join(traceback.format_exception(mistake)))
        finally:
            await tabs.close()
            cable.stop()
            server.stop()
            server.close()
    figures.mistakes += [*damage(server.database), *_logged(server)]


async def _live_in_trouble(world: World, crowd: Crowd, typists: list[ChaosTypist], seconds: float) -> None:
    end_s = time.monotonic() + seconds

    def is_over() -> bool:
        return time.monotonic() >= end_s

    async with asyncio.TaskGroup() as going_on:
        for kinds in AT_ONCE:
            going_on.create_task(_make_trouble(world, kinds, is_over, Random(world.random.random())))
        for typist in typists:
            going_on.create_task(live(crowd, typist, is_over))
        going_on.create_task(_watch_the_acks(world.figures, crowd, is_over))
    world.cable.mend()
    await come_to_rest(crowd, typists)


async def _make_trouble(
    world: World, kinds: Mapping[str, Trouble], is_over: Callable[[], bool], random: Random
) -> None:
    """Every kind once, in any order, and again from the beginning."""
    for names in itertools.repeat(list(kinds)):
        for name in random.sample(names, len(names)):
            await asyncio.sleep(PAUSE_S * random.random())
            if is_over():
                return
            await kinds[name](world)
            world.figures.troubles[name] += 1


async def _watch_the_acks(figures: Figures, crowd: Crowd, is_over: Callable[[], bool]) -> None:
    acked, since_s = crowd.acked, time.monotonic()
    while not is_over():
        await asyncio.sleep(0.05)
        now_s = time.monotonic()
        if crowd.acked > acked:
            acked, since_s = crowd.acked, now_s
        figures.longest_without_an_ack_s = max(figures.longest_without_an_ack_s, now_s - since_s)


def _judge(world: World, tabs: Tabs, typists: list[ChaosTypist]) -> list[Finding]:
    database = read_database(world.server.database)
    loaded = [(typist.person.id, reading) for typist in typists for reading in typist.readings]
    fresh = [(each.id, each.chat(world.chat["id"])) for each in {typist.person for typist in typists}]
    return check(History([*tabs.records, world.beside], database, loaded, fresh))


def _count(figures: Figures, tabs: Tabs, typists: list[ChaosTypist], seconds: float) -> None:
    figures.rounds += 1
    figures.seconds += seconds
    figures.acked += sum(len(typist.acks) for typist in typists)
    figures.unavailable += sum(typist.unavailable for typist in typists)
    figures.rights_lost += sum(typist.rights_lost for typist in typists)
    figures.connections += len(tabs.records)
    figures.entries_heard += sum("at" in frame for record in tabs.records for _, frame in record.frames)


def _logged(server: RunningServer) -> list[str]:
    """Each line is an object of JSON, but a traceback of the web server is a block of lines."""
    blocks = itertools.groupby(server.mistakes(), key=lambda line: line if line.startswith("{") else "")
    told = ("\n".join(lines) for _, lines in blocks)
    return [each for each in told if not any(words in each for words in EXPECTED_IN_THE_LOG)]
