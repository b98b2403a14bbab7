"""Bringing a large export in, search index included."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.library import add_people, library_at
from benchmarks.report import Figure, Report, Target, ratios
from tests.features.imports.exports import Made, chatgpt_export

MEGABYTE = 10**6
FULL_MB = 1000
QUICK_MB = 200
PAIRS = 3
HOW = """`chatsynth import` with a ChatGPT export (`conversations.json`, with branches, tool calls, several languages)
that the tests' generator writes, on a machine on which no server runs. Into a new library each time: every message with
its text and its parts, every chat with its original JSON, and the full-text index. The time is that of the whole
command, which reads on one core and writes on another; the processor time is that of both, and the memory is its
largest resident size. **Reference**: a Python process that reads the same file with `json.load` and does nothing with
it. Five runs would take too long, so there are three."""


@dataclass(frozen=True, slots=True)
class _Run:
    seconds: float
    cpu_s: float
    memory_mb: float


def imports(bench: Bench) -> Report:
    """A full run takes about ten minutes and needs 8 GB of disk and 6 GB of memory, which the reference takes."""
    megabytes = bench.scaled(FULL_MB, QUICK_MB)
    made = chatgpt_export(bench.folder / "conversations.json", min_bytes=megabytes * MEGABYTE)
    own: list[_Run] = []
    loaded: list[_Run] = []
    for number in range(bench.scaled(PAIRS, 1)):
        own.append(_import(made.path, bench.data(f"data{number}")))
        loaded.append(_run([sys.executable, "-c", "import json, sys; json.load(open(sys.argv[1]))", made.path]))
    return Report("imports", f"Import of {megabytes:,} MB", HOW, tuple(_figures(made, own, loaded)))


def _import(file: Path, data: Path) -> _Run:
    with library_at(data) as library:
        add_people(library, 1)
    chatsynth = [sys.executable, "-m", "chatsynth"]
    return _run([*chatsynth, "import", file, "--user", "person0@example.org", "--data", data, "--json"])


def _run(command: Sequence[str | Path]) -> _Run:
    began_s = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"A command ended with {process.returncode}.")
    return _Run(time.perf_counter() - began_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


def _figures(made: Made, own: Sequence[_Run], loaded: Sequence[_Run]) -> Iterator[Figure]:
    gigabytes = made.path.stat().st_size / 10**9
    for_a_gigabyte = tuple(run.seconds / gigabytes for run in own)
    yield Figure("time for 1 GB", "s", for_a_gigabyte, Target(120, 45, "lower"))
    yield Figure("processor time for 1 GB", "s", tuple(run.cpu_s / gigabytes for run in own))
    yield Figure("largest memory", "MB", tuple(run.memory_mb for run in own), Target(400, 200, "lower"))
    yield Figure("messages", "a second", tuple(made.messages / run.seconds for run in own))
    yield Figure("json.load: time for 1 GB", "s", tuple(run.seconds / gigabytes for run in loaded))
    yield Figure("json.load: largest memory", "MB", tuple(run.memory_mb for run in loaded))
    times = ratios([run.seconds for run in own], [run.seconds for run in loaded])
    yield Figure("ChatSynth / json.load, time", "", times)
    memory = ratios([run.memory_mb for run in own], [run.memory_mb for run in loaded])
    yield Figure("ChatSynth / json.load, memory", "", memory)
    yield Figure("messages in the export", "", (float(made.messages),))
