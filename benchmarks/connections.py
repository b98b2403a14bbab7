"""Five thousand clients: how long until they have all caught up, and what they cost while nothing happens."""

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.library import add_chat, add_people, client_of, heads_of_lists, library_at
from benchmarks.load import Client, Load
from benchmarks.processes import Server, compile_native, limit_server, product, tutorial_server
from benchmarks.report import Figure, Report, Target, ratios

CLIENTS = 5000
PEOPLE = 500
PEOPLE_IN_A_CHAT = 5
MISSED_ENTRIES = 20
SETTLE_S = 2.0
HOW_CONNECTING = """5,000 clients of 500 people connect at once (128 handshakes at a time). In ChatSynth each is
authenticated by its token, says hello for its own channel and for one chat, and is ready when it has the 20 entries
that it missed there. To the references they only connect. A ratio is one of neighbouring runs, each on a new
server."""
HOW_MEMORY = """Resident memory of the server while 1,000, 2,000 … 5,000 clients are connected, authenticated and
subscribed to their own channel and one chat, and nothing happens; the slope is that of a line through the five
points. The kernel's memory for sockets is not in it. References: the same number of connections without any of
that."""


def connecting(bench: Bench) -> Report:
    """A full run takes about four minutes."""
    load = bench.load()
    limit_program = compile_native(bench.folder, "limit_server")
    data, clients = _library(bench)
    strangers = [Client("/ws/1", "-")] * len(clients)
    own: list[float] = []
    tutorial: list[float] = []
    limit: list[float] = []
    for _ in range(bench.pairs):
        with limit_server(limit_program) as server:
            limit.append(_time_to_connect(load, server, strangers))
        with product(data) as server:
            own.append(_time_to_connect(load, server, clients))
        with tutorial_server() as server:
            tutorial.append(_time_to_connect(load, server, strangers))
    return Report("connecting", "Connecting and catching up", HOW_CONNECTING, tuple(_times(own, tutorial, limit)))


def _times(own: Sequence[float], tutorial: Sequence[float], limit: Sequence[float]) -> Iterator[Figure]:
    yield Figure("ChatSynth: all have caught up", "s", tuple(own), Target(15, 4, "lower"))
    yield Figure("tutorial FastAPI: all are connected", "s", tuple(tutorial))
    yield Figure("limit: all are connected", "s", tuple(limit))
    yield Figure("ChatSynth / tutorial FastAPI", "", ratios(own, tutorial))


def memory(bench: Bench) -> Report:
    """A full run takes about five minutes."""
    load = bench.load()
    data, clients = _library(bench)
    strangers = [Client("/ws/1", "-")] * len(clients)
    own: list[float] = []
    tutorial: list[float] = []
    for _ in range(bench.pairs):
        with product(data) as server:
            own.append(_slope_kb(load, server, clients))
        with tutorial_server() as server:
            tutorial.append(_slope_kb(load, server, strangers))
    figures = (
        Figure("ChatSynth: a connection", "KB", tuple(own), Target(20, 8, "lower")),
        Figure("tutorial FastAPI: a connection", "KB", tuple(tutorial)),
        Figure("ChatSynth / tutorial FastAPI", "", ratios(own, tutorial)),
    )
    return Report("memory", "Memory of an idle connection", HOW_MEMORY, figures)


def _library(bench: Bench) -> tuple[Path, list[Client]]:
    """Where it is, and clients in an order in which neighbours are different people."""
    data = bench.data()
    with library_at(data) as library:
        people = add_people(library, PEOPLE)
        groups = [people[start : start + PEOPLE_IN_A_CHAT] for start in range(0, PEOPLE, PEOPLE_IN_A_CHAT)]
        chats = [add_chat(library, group, ["A text that is edited."], MISSED_ENTRIES) for group in groups]
        heads = heads_of_lists(library, people)
    each_once = [
        client_of(person, [chat], MISSED_ENTRIES, heads[person.id])
        for group, chat in zip(groups, chats, strict=True)
        for person in group
    ]
    return data, each_once * (bench.scaled(CLIENTS, CLIENTS // 5) // PEOPLE)


def _time_to_connect(load: Load, server: Server, clients: Sequence[Client]) -> float:
    with load.connected(server, clients) as seconds:
        return seconds


def _slope_kb(load: Load, server: Server, clients: Sequence[Client]) -> float:
    """Five steps, so that what a server takes once is not counted."""
    step = len(clients) // 5
    connected, kilobytes = [], []
    with ExitStack() as stack:
        for start in range(0, len(clients), step):
            stack.enter_context(load.connected(server, clients[start : start + step]))
            time.sleep(SETTLE_S)
            connected.append(start + step)
            kilobytes.append(server.memory_kb())
    return statistics.linear_regression(connected, kilobytes).slope
