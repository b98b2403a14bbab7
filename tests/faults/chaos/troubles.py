"""What goes wrong in a chaos run. Each trouble begins, lasts for a moment, and has ended when its coroutine has."""

import asyncio
import contextlib
import resource
import sqlite3
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from random import Random

import httpx

from chatsynth.database.writer import WriteFailed
from tests.faults.chaos.cable import BadCable
from tests.faults.chaos.figures import Figures
from tests.faults.control import Control, Death, Fault
from tests.harness.history import ConnectionRecord
from tests.harness.json_types import JsonDict
from tests.harness.live_client import new_op
from tests.harness.own_library import execute_in
from tests.harness.people import Person
from tests.harness.running_server import RunningServer

FOREVER = resource.RLIM_INFINITY
DEATH_WAIT_S = 1.0
TRIES_FOR_THE_LOCK = 500
PASSING_FAULTS = [each for each in Fault if each not in (Fault.NONE, Fault.CUT_SHORT)]
"""A file that is cut short under a program that uses it is damaged."""
WRITTEN_WITHOUT_A_RIGHT = 2


@dataclass
class World:
    """`owner` shares the chat with `visitor`, and takes that back."""

    server: RunningServer
    control: Control
    cable: BadCable
    owner: Person
    visitor: Person
    chat: JsonDict
    random: Random
    figures: Figures
    beside: ConnectionRecord = field(init=False)

    def __post_init__(self) -> None:
        self.beside = ConnectionRecord("another process", self.owner.id)


Trouble = Callable[[World], Awaitable[None]]


# The machine ------------------------------------------------------------------------------------


async def kill(world: World) -> None:
    world.server.kill()
    await asyncio.to_thread(world.server.start)


async def kill_at_the_worst_moment(world: World) -> None:
    death = world.random.choice([each for each in Death if each is not Death.NEVER])
    world.control.die(death, world.random.randint(0, 30))
    with contextlib.suppress(subprocess.TimeoutExpired):
        await asyncio.to_thread(world.server.process.wait, DEATH_WAIT_S)
    world.control.die(Death.NEVER)
    await kill(world)


async def restart(world: World) -> None:
    world.server.ask_to_stop()
    await asyncio.to_thread(world.server.wait_until_ended)
    await asyncio.to_thread(world.server.start)


async def fault(world: World) -> None:
    world.control.fault = world.random.choice(PASSING_FAULTS)
    await _moment(world, 1.5)
    world.control.fault = Fault.NONE


async def slow_disk(world: World) -> None:
    world.control.sync_delay_s = world.random.random() / 5
    await _moment(world, 2.0)
    world.control.sync_delay_s = 0.0


async def file_limit(world: World) -> None:
    pid = world.server.process.pid
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, FOREVER))
    await _moment(world, 1.0)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (FOREVER, FOREVER))


async def lock(world: World) -> None:
    """By a program that has to wait for its turn like everybody."""
    with closing(sqlite3.connect(world.server.database, timeout=0.0, isolation_level=None)) as other:
        for _ in range(TRIES_FOR_THE_LOCK):
            if _has_begun(other):
                await _moment(world, 1.5)
                return
            await asyncio.sleep(0.003)


def _has_begun(db: sqlite3.Connection) -> bool:
    with contextlib.suppress(sqlite3.OperationalError):
        db.execute("BEGIN IMMEDIATE")
    return db.in_transaction


# The network ------------------------------------------------------------------------------------


async def cut_the_cable(world: World) -> None:
    world.cable.is_pulled = world.random.random() < 0.5
    world.cable.cut()
    await _moment(world, 1.0)
    world.cable.mend()


async def cut_in_the_middle_of_a_frame(world: World) -> None:
    world.cable.cut_in_the_middle()
    await _moment(world, 0.5)


async def half_open(world: World) -> None:
    world.cable.go_half_open()
    await _moment(world, 3.0)
    world.cable.mend()


async def delay(world: World) -> None:
    world.cable.delay_s = world.random.random() / 4
    await _moment(world, 2.0)
    world.cable.delay_s = 0.0


# The others -------------------------------------------------------------------------------------


async def take_a_right_and_give_it_back(world: World) -> None:
    path = f"/api/chats/{world.chat['id']}/members"
    taken = await _try_until_done(world, "DELETE", f"{path}/{world.visitor.id}", None)
    for _ in range(WRITTEN_WITHOUT_A_RIGHT):  # whoever still gets these gets what is not for them
        title = {"title": f"Not for the visitor, {world.random.random()}"}
        await _try_until_done(world, "PATCH", f"/api/chats/{world.chat['id']}", title)
    await _moment(world, 0.5)
    given = await _try_until_done(world, "PUT", path, {"email": world.visitor.email, "role": "editor"})
    assert (taken.status_code, given.status_code) in {(204, 200), (204, 204), (404, 200), (404, 204)}, (taken, given)


async def _try_until_done(world: World, method: str, path: str, body: object) -> httpx.Response:
    """The answer may get lost after it was done; doing it again does no harm."""
    while True:
        with contextlib.suppress(httpx.TransportError):
            answer = await asyncio.to_thread(world.owner.request, method, path, body)
            if answer.status_code < 500:
                return answer
            assert answer.status_code == 503, answer.text
        await asyncio.sleep(0.05)


async def write_beside(world: World) -> None:
    """As the command line does it: another process, the same file."""
    for _ in range(world.random.randint(1, 8)):
        title = f"Renamed beside, {world.random.random()}"
        frame: JsonDict = {"type": "chat_retitle", "op": new_op(), "chat": {"id": world.chat["id"], "title": title}}
        await asyncio.to_thread(_write, world, frame)


def _write(world: World, frame: JsonDict) -> None:
    world.beside.sent(frame)
    try:
        done = execute_in(world.server.library().writer, world.owner.id, frame)
    except WriteFailed as failed:
        error = {"type": "error", "op": frame["op"], "channel": None, "code": "unavailable", "message": str(failed)}
        world.beside.received(error)
        return
    world.figures.written_beside += 1
    ack = {"type": "ack", "op": frame["op"], "channel": done.channel, "offset": done.offset, "result": done.result}
    world.beside.received(ack)


async def _moment(world: World, most_s: float) -> None:
    await asyncio.sleep(most_s * world.random.random())


MACHINE: Mapping[str, Trouble] = {
    "kill -9": kill,
    "kill -9 at the worst moment": kill_at_the_worst_moment,
    "restart": restart,
    "failing disk": fault,
    "slow disk": slow_disk,
    "file limit": file_limit,
    "locked database": lock,
}
NETWORK: Mapping[str, Trouble] = {
    "cable cut": cut_the_cable,
    "cut in a frame": cut_in_the_middle_of_a_frame,
    "half-open": half_open,
    "delay": delay,
}
RIGHTS: Mapping[str, Trouble] = {"right taken and given": take_a_right_and_give_it_back}
BESIDE: Mapping[str, Trouble] = {"written beside": write_beside}
AT_ONCE = (MACHINE, NETWORK, RIGHTS, BESIDE)
"""Each of them goes on all the time, so that no second is without an end of a right and a gap in the news."""
