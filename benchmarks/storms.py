"""Five thousand clients lose their server: how long until all of them have caught up with the next one, and at what
cost."""

import asyncio
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.bench import Bench
from benchmarks.library import Person, SeededChat, add_chat, add_people, library_at, overwrite
from benchmarks.processes import LOAD_CORE, Server, free_port, product
from benchmarks.report import Figure, Report
from benchmarks.storm_clients import Fleet, Log, StormClient
from chatsynth.database.unit import Unit
from chatsynth.features.accounts.channel import user_channel
from chatsynth.features.chats.access import require
from chatsynth.features.chats.editing import edit_with_changes
from chatsynth.log.append import Authorship, channel_position
from chatsynth.realtime.publication import AfterCommit
from chatsynth.web.context import Context

CLIENTS = 5000
PEOPLE = 500
PEOPLE_IN_A_CHAT = 5
MISSED_ENTRIES = 20
RUNS = 3
TIMEOUT_S = 300.0
SAMPLE_S = 0.1
TEXT = "A text that is edited."
HOW = """5,000 clients of 500 people, each subscribed to its own channel and one chat, come back by the page's rule:
after the time that a draining server gave each of them plus as long again at random, or, after a crash (`kill -9`),
with full jitter below a limit that doubles from 1 s to 30 s. While no server runs, 20 entries are written to each chat.
A client counts as back when it has every entry; a missing, repeated or misplaced one fails the run. The server has one
core, the clients the other. Statements are those that the server ran on its reading connections."""


@dataclass(frozen=True, slots=True)
class Town:
    data: Path
    people: Sequence[Person]
    chats: Sequence[SeededChat]

    def chat_of(self, number: int) -> SeededChat:
        return self.chats[number // PEOPLE_IN_A_CHAT]


@dataclass
class Storm:
    """`start_s`: until the next server was ready. `back_s`: from then until the last client had everything."""

    goodbye_s: float
    start_s: float
    back_s: float
    log: Log
    peak_kb: int
    cpu_s: float
    statements: float
    replayed: int


@dataclass
class _Samples:
    peak_kb: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)


def storms(bench: Bench) -> Report:
    """A full run takes about five minutes."""
    town = _town(bench)
    count = bench.scaled(CLIENTS, CLIENTS // 10)
    runs = bench.scaled(RUNS, 1)
    drained = [asyncio.run(_storm(town, count, signal.SIGTERM)) for _ in range(runs)]
    crashed = [asyncio.run(_storm(town, count, signal.SIGKILL)) for _ in range(runs)]
    figures = (*_figures("drained", drained, count), *_figures("crashed", crashed, count))
    return Report("storms", "A server with 5,000 clients is restarted", HOW, figures)


def _figures(how: str, storms: Sequence[Storm], clients: int) -> Iterator[Figure]:
    def figure(what: str, unit: str, values: Iterator[float]) -> Figure:
        return Figure(f"{how}: {what}", unit, tuple(values))

    yield figure("until the server had ended", "s", (each.goodbye_s for each in storms))
    yield figure("from its start until the next one was ready", "s", (each.start_s for each in storms))
    yield figure("from then until all have everything", "s", (each.back_s for each in storms))
    yield figure("most arrivals in one second", "", (each.log.peak_a_second() for each in storms))
    yield figure("attempts before the server was there", "", (each.log.refused for each in storms))
    yield figure("processor time of the server for a client", "ms", (each.cpu_s * 1000 / clients for each in storms))
    yield figure("largest resident memory of the server", "MB", (each.peak_kb / 1024 for each in storms))
    yield figure("statements for a client", "", (each.statements / clients for each in storms))
    yield figure("entries lost or repeated", "", (each.replayed - each.log.entries for each in storms))
    if how == "drained":
        yield figure("clients that were told when to come back", "", (len(each.log.retry_after_ms) for each in storms))
        yield figure("different times among them", "", (len(set(each.log.retry_after_ms)) for each in storms))


def _town(bench: Bench) -> Town:
    data = bench.data()
    with library_at(data) as library:
        people = add_people(library, PEOPLE)
        groups = [people[start : start + PEOPLE_IN_A_CHAT] for start in range(0, PEOPLE, PEOPLE_IN_A_CHAT)]
        return Town(data, people, [add_chat(library, group, [TEXT]) for group in groups])


async def _storm(town: Town, count: int, sig: signal.Signals) -> Storm:
    port, samples = free_port(), _Samples()
    with ExitStack() as running, _on_the_other_core():
        heads = await asyncio.to_thread(_heads, town)
        fleet = Fleet(port, [_client(town, number, heads) for number in range(count)])
        server = await asyncio.to_thread(running.enter_context, product(town.data, port=port))
        await fleet.connect_all()
        fleet.log = Log()
        began_s = time.monotonic()
        if sig is not signal.SIGTERM:  # which is what closing does; a second one would end it without a goodbye
            os.kill(server.pid, sig)
        await asyncio.to_thread(running.close)
        ended_s = time.monotonic()
        await asyncio.to_thread(_write_what_is_missed, town)
        fleet.aim(await asyncio.to_thread(_heads, town))
        start_s = time.monotonic()
        server = await asyncio.to_thread(running.enter_context, product(town.data, port=port))
        ready_s = time.monotonic()
        threading.Thread(target=_sample, args=(server, samples), daemon=True).start()
        await fleet.all_current(TIMEOUT_S)
        back_s, cpu_s = max(fleet.log.current_s), server.cpu_s()
        samples.stopped.set()
        statements, replayed = await asyncio.to_thread(_counted, server, town.people[0])
        fleet.end()
        return Storm(
            goodbye_s=ended_s - began_s,
            start_s=ready_s - start_s,
            back_s=back_s - ready_s,
            log=fleet.log,
            peak_kb=samples.peak_kb,
            cpu_s=cpu_s,
            statements=statements,
            replayed=replayed,
        )


def _client(town: Town, number: int, heads: dict[str, int]) -> StormClient:
    person = number % len(town.people)
    channels = (user_channel(town.people[person].id), town.chat_of(person).channel)
    offsets = {channel: heads[channel] for channel in channels}
    return StormClient(town.people[person].id, town.people[person].token, offsets, Random(number))


def _heads(town: Town) -> dict[str, int]:
    names = [*(user_channel(person.id) for person in town.people), *(chat.channel for chat in town.chats)]
    with library_at(town.data) as library, library.reading() as db:
        return {name: channel_position(db, name)[1] for name in names}


def _write_what_is_missed(town: Town) -> None:
    with library_at(town.data) as library:
        for number, chat in enumerate(town.chats):
            _edit(library, town.people[number * PEOPLE_IN_A_CHAT], chat)


def _edit(library: Context, owner: Person, chat: SeededChat) -> None:
    def work(unit: Unit[AfterCommit]) -> None:
        access = require(unit.db, owner.id, chat.id, "write")
        for number in range(MISSED_ENTRIES):
            change = overwrite(TEXT, 0, f"{number:010}")
            edit_with_changes(unit, access, chat.message_ids[0], None, change, Authorship(owner.id))

    library.writer.run(work)


def _sample(server: Server, samples: _Samples) -> None:
    while not samples.stopped.wait(SAMPLE_S):
        samples.peak_kb = max(samples.peak_kb, server.memory_kb())


def _counted(server: Server, admin: Person) -> tuple[float, int]:
    """Statements of the reading connections, and entries that were given to clients from the log."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/metrics", headers={"Authorization": f"Bearer {admin.token}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        samples = [sample for family in families for sample in family.samples]
    statements = sum(
        each.value
        for each in samples
        if each.name == "chatsynth_database_statements_total" and each.labels["connection"] == "reader"
    )
    replayed = next(each.value for each in samples if each.name == "chatsynth_entries_replayed_total")
    return statements, int(replayed)


@contextmanager
def _on_the_other_core() -> Iterator[None]:
    """The clients are this process; they leave the server's core alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE} & before or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
