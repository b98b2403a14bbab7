"""`python -m tests.faults.kills`: people type at full speed while the server is killed with -9 again and again.

It dies at any moment, and on purpose at the worst ones: in the middle of a write, before the disk has everything, after
the disk has everything and before anybody was told, and while SQLite moves its log into the database.
"""

import asyncio
import itertools
import json
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Annotated

import anyio
import typer

from tests.faults.control import Control, Death
from tests.faults.crowd import Crowd, gather_crowd
from tests.faults.faulty import ForkedServer, control_of, faulty_server
from tests.harness.history import Finding, read_database, report
from tests.harness.live_client import Tabs
from tests.harness.people import sign_up

TYPISTS = 4
KILLS_OF_A_LIBRARY = 10
ACKS_IN_A_LIFE = 80
"""At most; it is killed then if it has not died."""
MOMENTS_FOR_AN_ACK = {
    Death.IN_A_WRITE: 4.0,
    Death.BEFORE_THE_SYNC: 0.4,
    Death.AFTER_THE_SYNC: 0.4,
    Death.IN_A_CHECKPOINT: 0.5,
}
"""About how many such moments come for each acknowledgement."""


@dataclass
class Kills:
    """`died`: in which moments. `ready_s`: from each start of the server until it said that it was ready, `answered_s`:
    from then on until somebody had an acknowledgement."""

    acked: int = 0
    lost: int = 0
    doubled: int = 0
    died: Counter[str] = field(default_factory=Counter)
    ready_s: list[float] = field(default_factory=list)
    answered_s: list[float] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def kills(self) -> int:
        return self.died.total()

    def add(self, other: "Kills") -> None:
        self.acked += other.acked
        self.lost += other.lost
        self.doubled += other.doubled
        self.died += other.died
        self.ready_s += other.ready_s
        self.answered_s += other.answered_s
        self.findings += other.findings

    def figures(self) -> dict[str, object]:
        return {
            "kills": self.kills,
            "killed": dict(self.died),
            "acknowledged": self.acked,
            "lost": self.lost,
            "doubled": self.doubled,
            "other findings": len(self.findings),
            "ready again, median s": round(statistics.median(self.ready_s), 2),
            "ready again, longest s": round(max(self.ready_s), 2),
            "first acknowledgement after that, median s": round(statistics.median(self.answered_s), 2),
            "first acknowledgement after that, longest s": round(max(self.answered_s), 2),
        }


async def kill_one_library(
    folder: Path, kills: int, random: Random, acks: int = ACKS_IN_A_LIFE, *, cold: bool = False
) -> Kills:
    """One library lives through all of these kills; in the end everybody has everything. `cold`: each start loads the
    whole program, as it does in real life."""
    done = Kills()
    server = faulty_server(folder) if cold else ForkedServer(folder)
    tabs = Tabs()
    with control_of(folder) as control:
        server.start()
        try:
            people = [sign_up(server, "Ada"), sign_up(server, "Ben")]
            crowd = gather_crowd(server, tabs, people, TYPISTS, random)
            for _ in range(kills):
                await _one_life(crowd, control, random, acks, done)
            await crowd.come_to_rest()
            done.acked = crowd.acked
            done.findings = crowd.findings()
            server.stop()
        finally:
            await tabs.close()
            server.kill()
            server.close()
    assert server.mistakes() == []
    return done


async def _one_life(crowd: Crowd, control: Control, random: Random, most_acks: int, done: Kills) -> None:
    death = random.choice(list(Death))
    acks = random.randint(1, most_acks)
    began_s = time.monotonic()
    first_ack = asyncio.create_task(crowd.until(lambda before=crowd.acked: crowd.acked > before))  # type: ignore[misc]
    first_ack.add_done_callback(lambda _: done.answered_s.append(time.monotonic() - began_s))
    if death is not Death.NEVER:
        control.die(death, random.randint(0, round(most_acks * MOMENTS_FOR_AN_ACK[death])))
        acks = most_acks
    died = await _type_until_killed(crowd, crowd.acked + acks)
    control.die(Death.NEVER)
    done.died[death.name.lower().replace("_", " ") if died else "at any moment"] += 1
    first_ack.cancel()
    began_s = time.monotonic()
    await asyncio.to_thread(crowd.server.start)
    done.ready_s.append(time.monotonic() - began_s)
    _count_what_is_lost(crowd, done)


async def _type_until_killed(crowd: Crowd, goal: int) -> bool:
    """True if the server died by itself before so many changes were acknowledged."""
    typing = asyncio.create_task(crowd.type_until_the_server_dies())
    enough = asyncio.create_task(crowd.until(lambda: crowd.acked >= goal))
    await asyncio.wait({typing, enough}, return_when=asyncio.FIRST_COMPLETED)
    died = not enough.done()
    enough.cancel()
    crowd.server.kill()
    await typing
    return died


def _count_what_is_lost(crowd: Crowd, done: Kills) -> None:
    """Right after each start, before anything is sent again."""
    database = read_database(crowd.server.database)
    log = database.logs[crowd.chat["channel"]]
    stands: dict[str, list[int]] = {}
    for entry in log.entries:
        if entry["op"] is not None:
            stands.setdefault(entry["op"], []).append(entry["offset"])
    acked = [(op, ack["offset"]) for typist in crowd.typists for op, ack in typist.acks.items()]
    done.lost += sum(offset not in stands.get(op, []) for op, offset in acked)
    done.doubled += sum(len(offsets) > 1 for offsets in stands.values())


async def _many(kills: int, acks: int, seed: int, at_once: int, cold: bool) -> Kills:
    done = Kills()
    libraries = itertools.count()

    async def one_after_the_other() -> None:
        while done.kills < kills or done.acked < acks:
            random = Random(f"{seed}/{next(libraries)}")
            with tempfile.TemporaryDirectory() as folder:
                done.add(await kill_one_library(Path(folder), KILLS_OF_A_LIBRARY, random, cold=cold))
            counts = f"{done.kills} kills, {done.acked} acknowledged, {done.lost} lost, {done.doubled} doubled"
            typer.echo(counts, err=True)

    await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))
    return done


def main(
    kills: Annotated[int, typer.Option(help="At least so many kills.")] = 300,
    acks: Annotated[int, typer.Option(help="At least so many acknowledged changes.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Decides who types what, and when it is killed.")] = 1,
    at_once: Annotated[int, typer.Option(help="How many libraries, each with a server of its own.")] = 2,
    cold: Annotated[bool, typer.Option("--cold", help="Load the whole program at each start, to time it.")] = False,
    write: Annotated[Path | None, typer.Option(help="Write the figures into this file too, as JSON.")] = None,
) -> None:
    """Kill the server again and again while people type, and count what is lost."""
    done = anyio.run(_many, kills, acks, seed, at_once, cold)
    figures = json.dumps(done.figures(), indent=2)
    typer.echo(figures)
    if write is not None:
        write.write_text(f"{figures}\n")
    if not is_clean(done):
        typer.echo(report(done.findings))
        raise typer.Exit(1)


def is_clean(done: Kills) -> bool:
    return not (done.lost or done.doubled or done.findings)


if __name__ == "__main__":
    typer.run(main)
