"""Durable edits: how many a second, and how long from the key press to the acknowledgement on disk."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.library import (
    Person,
    SeededChat,
    add_chat,
    add_people,
    at_its_head,
    client_of,
    edit_slot,
    library_at,
    sentence,
)
from benchmarks.load import Client, Load, Measurement, Slot
from benchmarks.processes import Server, product
from benchmarks.report import Figure, Report, Target, ratios

CHATS = 100
IN_FLIGHT = 256
RATE = 500
TEXT = 600
LONG_TEXT = 8000
HOW = """100 chats, each open in one client that is subscribed to it. An edit puts ten characters over ten others in
the middle of a message of 600 characters; it is checked, rebased, committed to SQLite in WAL mode with `synchronous
= FULL` together with its log entry, its inverse, its name and the full-text index, acknowledged and delivered.
**Rate**: up to 256 in flight, at most one for each message. **Latency**: 500 edits a second at even times, counted
from the time at which an edit was due. **Reference**: SQLite alone from Python in the same minutes, one transaction
for each edit: text and log entry, no index, no network. Server on core 0, load generator on core 1."""


def edits(bench: Bench) -> Report:
    """A full run takes about three minutes."""
    data = bench.data()
    with library_at(data) as library:
        people = add_people(library, CHATS)
        short = [add_chat(library, [person], [sentence(TEXT)] * 3) for person in people]
        long = [add_chat(library, [person], [sentence(LONG_TEXT)] * 3) for person in people]
    load = bench.load()
    seconds = bench.scaled(8, 2)
    alone: list[list[float]] = []
    fast: list[Measurement] = []
    timed: list[Measurement] = []
    large: list[Measurement] = []
    with product(data) as server:
        for number in range(bench.pairs):
            alone.append(_sqlite_alone(bench.folder / f"alone{number}.sqlite3", seconds / 2))
            fast.append(_at_full_rate(load, server, data, people, short, TEXT, seconds))
            timed.append(paced(load, server, data, people, short, seconds))
            large.append(_at_full_rate(load, server, data, people, long, LONG_TEXT, seconds))
    return Report("edits", "Durable edits", HOW, tuple(_figures(alone, fast, timed, large)))


def _cast(
    data: Path, people: Sequence[Person], seeded: Sequence[SeededChat], length: int
) -> tuple[list[Client], list[Slot]]:
    """A slot for each message, the first messages of all chats first."""
    chats = at_its_head(data, seeded)
    clients = [client_of(person, [chat]) for person, chat in zip(people, chats, strict=True)]
    slots = [
        edit_slot(number, chat, chat.message_ids[nth], sentence(length), length // 2)
        for nth in range(len(chats[0].message_ids))
        for number, chat in enumerate(chats)
    ]
    return clients, slots


def _at_full_rate(
    load: Load,
    server: Server,
    data: Path,
    people: Sequence[Person],
    chats: Sequence[SeededChat],
    length: int,
    seconds: float,
) -> Measurement:
    clients, slots = _cast(data, people, chats, length)
    return load.edits(server, clients, slots[:IN_FLIGHT], seconds)


def paced(
    load: Load, server: Server, data: Path, people: Sequence[Person], chats: Sequence[SeededChat], seconds: float
) -> Measurement:
    clients, slots = _cast(data, people, chats, TEXT)
    return load.paced(server, clients, slots[:CHATS], seconds, RATE)


def _sqlite_alone(path: Path, seconds: float) -> list[float]:
    """The times of single transactions, in ms."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT)")
        db.execute("CREATE TABLE entries (id INTEGER PRIMARY KEY, body TEXT)")
        db.executemany("INSERT INTO messages (text) VALUES (?)", [(sentence(TEXT),)] * CHATS)
        times_ms: list[float] = []
        end_s = time.perf_counter() + seconds
        while (began_s := time.perf_counter()) < end_s:
            _one_transaction(db, len(times_ms))
            times_ms.append((time.perf_counter() - began_s) * 1000)
    return sorted(times_ms)


def _one_transaction(db: sqlite3.Connection, number: int) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.execute("UPDATE messages SET text = ? WHERE id = ?", (sentence(TEXT), number % CHATS + 1))
    db.execute("INSERT INTO entries (body) VALUES (?)", (sentence(200),))
    db.execute("COMMIT")


def _figures(
    alone: Sequence[Sequence[float]],
    fast: Sequence[Measurement],
    timed: Sequence[Measurement],
    large: Sequence[Measurement],
) -> Iterator[Figure]:
    rates = [one.acknowledged_per_s for one in fast]
    references = [len(times_ms) / (sum(times_ms) / 1000) for times_ms in alone]
    yield Figure("acknowledged, 256 in flight", "edits/s", tuple(rates), Target(2000, 10_000, "higher"))
    yield Figure("SQLite alone, one transaction an edit", "edits/s", tuple(references))
    yield Figure("ChatSynth / SQLite alone", "", ratios(rates, references))
    yield Figure(
        "server's processor time, 256 in flight",
        "µs an edit",
        tuple(one.server_cpu_s / one.acknowledged * 1e6 for one in fast),
    )
    yield Figure(
        "acknowledged, messages of 8,000 characters", "edits/s", tuple(one.acknowledged_per_s for one in large)
    )
    yield Figure(
        "acknowledged after, p50, 500 edits/s", "ms", tuple(one.p50_ms for one in timed), Target(10, 4, "lower")
    )
    yield Figure(
        "acknowledged after, p99, 500 edits/s", "ms", tuple(one.p99_ms for one in timed), Target(60, 20, "lower")
    )
    yield Figure("kept up: acknowledged", "edits/s", tuple(one.acknowledged_per_s for one in timed))
    yield Figure("SQLite alone, p50", "ms", tuple(_percentile(times_ms, 0.5) for times_ms in alone))
    yield Figure("SQLite alone, p99", "ms", tuple(_percentile(times_ms, 0.99) for times_ms in alone))


def _percentile(ascending: Sequence[float], share: float) -> float:
    return ascending[int(share * (len(ascending) - 1))]
