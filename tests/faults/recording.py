"""People type on a server whose every write is recorded, together with every frame that they sent and got."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from chatsynth.database.migrate import migrate
from tests.faults.crowd import Crowd, gather_crowd
from tests.faults.faulty import control_of, faulty_server
from tests.faults.journal import Record, read_journal
from tests.harness.history import ConnectionRecord
from tests.harness.json_types import JsonDict
from tests.harness.live_client import Tabs
from tests.harness.people import Person, sign_up
from tests.harness.running_server import RunningServer

SYNC_DELAY_S = 0.003
"""Each sync takes so much longer: who acknowledges before it has ended is seen."""


@dataclass(frozen=True)
class Recording:
    """`before` is the folder as it was on disk when the recording began, `data` where the server wrote."""

    before: Path
    data: Path
    records: Sequence[Record]
    connections: Sequence[ConnectionRecord]
    loaded: Sequence[tuple[int, JsonDict]]
    chat_id: int

    def ack_times_s(self) -> list[float]:
        return [
            at_s
            for each in self.connections
            for at_s, (direction, frame) in zip(each.times_s, each.frames, strict=True)
            if direction == "received" and frame["type"] == "ack"
        ]


async def record(folder: Path, acks: int, random: Random) -> Recording:
    """A third of it before an orderly restart, a third before a kill, a third after it."""
    people = _people_of_a_closed_library(folder)
    server = faulty_server(folder, journal=folder / "journal")
    tabs = Tabs()
    with control_of(folder) as control:
        control.sync_delay_s = SYNC_DELAY_S
        server.start()
        try:
            crowd = gather_crowd(server, tabs, [replace(person, server=server) for person in people], 4, random)
            await _type_through_restarts(crowd, acks)
        finally:
            await tabs.close()
            server.close()
            server.stop()
    loaded = [(typist.person.id, typist.loaded) for typist in crowd.typists]
    records = list(read_journal(folder / "journal"))
    return Recording(folder / "before", folder / "data", records, tabs.records, loaded, crowd.chat["id"])


async def _type_through_restarts(crowd: Crowd, acks: int) -> None:
    await crowd.type_until(lambda: crowd.acked >= acks // 3)
    crowd.server.ask_to_stop()
    crowd.server.wait_until_ended()
    crowd.server.start()
    await crowd.type_until(lambda: crowd.acked >= 2 * acks // 3)
    crowd.server.kill()
    crowd.server.start()
    await crowd.type_until(lambda: crowd.acked >= acks)


def _people_of_a_closed_library(folder: Path) -> list[Person]:
    """Nothing but the server may write while it is recorded."""
    closed = RunningServer(folder / "data")
    migrate(closed.database)
    people = [sign_up(closed, "Ada"), sign_up(closed, "Ben")]
    closed.close()
    shutil.copytree(folder / "data", folder / "before")
    return people
