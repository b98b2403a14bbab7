"""What a backup costs those who type while it is made."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.edits import CHATS, TEXT, paced
from benchmarks.library import add_chat, add_people, library_at, sentence
from benchmarks.load import Measurement
from benchmarks.processes import LOAD_CORE, pinned, product
from benchmarks.report import Figure, Report, ratios

OLD_CHATS = 20
MESSAGES_OF_AN_OLD_CHAT = 1000
OLD_TEXT = 8000
SECONDS = 10
HOW = """500 edits a second of 600 characters in 100 chats, as in `edits`, in a library that also holds 20,000 messages
of 8,000 characters: first alone, then while `chatsynth backup` makes one backup after the other, each of which is
verified as well. Server on core 0, load generator and backups on core 1, one disk for all."""


def backup(bench: Bench) -> Report:
    """A full run takes about three minutes."""
    data = bench.data()
    with library_at(data) as library:
        people = add_people(library, CHATS)
        chats = [add_chat(library, [person], [sentence(TEXT)]) for person in people]
        for person in people[: bench.scaled(OLD_CHATS, 1)]:
            add_chat(library, [person], [sentence(OLD_TEXT)] * MESSAGES_OF_AN_OLD_CHAT)
    load, seconds = bench.load(), bench.scaled(SECONDS, 2)
    alone: list[Measurement] = []
    beside: list[Measurement] = []
    took_s: list[float] = []
    with product(data) as server:
        for number in range(bench.pairs):
            alone.append(paced(load, server, data, people, chats, seconds))
            with _backups(data, bench.data(f"backups{number}"), took_s):
                beside.append(paced(load, server, data, people, chats, seconds))
    size_mb = sum(each.stat().st_size for each in data.glob("*.sqlite3")) / 10**6
    return Report("backup", "Typing while a backup is made", HOW, tuple(_figures(alone, beside, took_s, size_mb)))


@contextmanager
def _backups(data: Path, into: Path, took_s: list[float]) -> Iterator[None]:
    """One after the other for as long as the block lasts; the last one is made to its end."""
    enough = threading.Event()
    thread = threading.Thread(target=_back_up_until, args=(enough, data, into, took_s))
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def _back_up_until(enough: threading.Event, data: Path, into: Path, took_s: list[float]) -> None:
    file = into / "backup.sqlite3"
    command = pinned(LOAD_CORE, sys.executable, "-m", "chatsynth", "backup", file, "--data", data)
    while not enough.is_set():
        began_s = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took_s.append(time.monotonic() - began_s)
        file.unlink()


def _figures(
    alone: Sequence[Measurement], beside: Sequence[Measurement], took_s: Sequence[float], size_mb: float
) -> Iterator[Figure]:
    for label, found in (("alone", alone), ("while a backup is made", beside)):
        yield Figure(f"acknowledged after, {label}: p50", "ms", tuple(one.p50_ms for one in found))
        yield Figure(f"acknowledged after, {label}: p99", "ms", tuple(one.p99_ms for one in found))
        yield Figure(f"longest, {label}", "ms", tuple(one.max_ms for one in found))
    slower = ratios([one.p50_ms for one in beside], [one.p50_ms for one in alone])
    yield Figure("while a backup is made / alone, p50", "", slower)
    yield Figure("kept up meanwhile: acknowledged", "edits/s", tuple(one.acknowledged_per_s for one in beside))
    yield Figure("a backup", "s", tuple(took_s))
    yield Figure("library", "MB", (size_mb,))
