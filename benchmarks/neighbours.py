"""How long a change takes from one person to another while a third one attacks the server."""

import asyncio
import multiprocessing
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress

from benchmarks.bench import Bench
from benchmarks.report import Figure, Report, Target
from tests.faults.neighbours.attacks import ATTACKS, Scene
from tests.harness.live_client import LiveClient, Tabs
from tests.harness.people import Person, sign_up
from tests.harness.running_server import RunningServer, running_server

ROUNDS = 3
CHANGES = 60
QUICK_CHANGES = 10
NOBODY = "nobody attacks"
PAUSE_S = 0.02
LONG_LOG = 100
WARM_UP_S = 1.0
PATIENCE_S = 30.0
HOW = """Ada sends a small change every 20 ms at most; counted is the time from her sending it until Ben has it, which
includes the commit with its fsync. Meanwhile Eve, in a process of her own, does what the line says as fast as the
server lets her, on one connection or on very many. The server has its default settings. Server, honest clients and
attacker share the machine and are not pinned: an attacker on the same cores also slows things down by using them."""


def neighbours(bench: Bench) -> Report:
    """A full run takes about four minutes."""
    changes, rounds = bench.scaled(CHANGES, QUICK_CHANGES), bench.scaled(ROUNDS, 1)
    delays_ms: dict[str, list[list[float]]] = {name: [] for name in (NOBODY, *ATTACKS)}
    with running_server(bench.folder / "data", mistakes_expected=True) as server:
        scene = _scene(server)
        for _ in range(rounds):
            for name, found in delays_ms.items():
                found.append(_delays_under(name, scene, changes))
    figures = [_figure(name, found) for name, found in delays_ms.items()]
    return Report("neighbours", "Others' delay under attack", HOW, (*figures, _longest(delays_ms)))


def _delays_under(name: str, scene: Scene, changes: int) -> list[float]:
    with nullcontext() if name == NOBODY else _attacked(name, scene):
        return asyncio.run(_delays_ms(scene, changes))


def _figure(name: str, delays_ms: list[list[float]]) -> Figure:
    return Figure(f"{name}: p50", "ms", tuple(map(statistics.median, delays_ms)), Target(50, 20, "lower"))


def _longest(delays_ms: dict[str, list[list[float]]]) -> Figure:
    return Figure("the longest of all", "ms", (max(max(each) for found in delays_ms.values() for each in found),))


def _scene(server: RunningServer) -> Scene:
    eve, ada, ben = (sign_up(server, name) for name in ("Eve", "Ada", "Ben"))
    chat = ada.new_chat("one", "two")
    for person in (eve, ben):
        ada.share(chat["id"], person)
    long = eve.new_chat("x" * 10_000)
    for number in range(LONG_LOG):
        eve.patch(f"/api/chats/{long['id']}/messages/{long['messages'][0]['id']}", {"content": f"{number}" * 5_000})
    return Scene(eve, eve.chat(chat["id"]), eve.chat(long["id"]), people=(ada, ben))


@contextmanager
def _attacked(name: str, scene: Scene) -> Iterator[None]:
    """By a process of its own, so that the attacker's work is not counted as the server's delay."""
    attacker = multiprocessing.get_context("fork").Process(target=_attack, args=(name, scene), daemon=True)
    attacker.start()
    time.sleep(WARM_UP_S)
    try:
        yield
    finally:
        attacker.kill()
        attacker.join()


def _attack(name: str, scene: Scene) -> None:
    while True:
        with suppress(OSError, EOFError, AssertionError):
            asyncio.run(_once(name, scene))


async def _once(name: str, scene: Scene) -> None:
    await ATTACKS[name](scene)


async def _delays_ms(scene: Scene, changes: int) -> list[float]:
    tabs = Tabs()
    chat = scene.people[0].chat(scene.chat["id"])
    sender, receiver = [await _listening(tabs, person, chat["channel"], chat["epoch"]) for person in scene.people]
    found = [await _one_ms(sender, receiver, chat["id"], number) for number in range(changes)]
    await tabs.close()
    return found


async def _listening(tabs: Tabs, person: Person, channel: str, epoch: str) -> LiveClient:
    head = person.chat(int(channel.partition(":")[2]))
    return await tabs.full(person, {"channel": channel, "epoch": epoch, "offset": head["offset"]})


async def _one_ms(sender: LiveClient, receiver: LiveClient, chat_id: int, number: int) -> float:
    title = f"{time.monotonic_ns()}-{number}"
    began_s = time.perf_counter()
    await sender.send("chat_retitle", chat={"id": chat_id, "title": title})
    async with asyncio.timeout(PATIENCE_S):
        await receiver.wait_for("chat_retitled", title=title)
    taken_ms = (time.perf_counter() - began_s) * 1000
    await asyncio.sleep(PAUSE_S)
    return taken_ms
