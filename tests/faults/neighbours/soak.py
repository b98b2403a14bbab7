"""Connects, edits, drops, floods, and looks at what stays: `make soak`, or `python -m tests.faults.neighbours.soak`.

Prints a line for each cycle and, in the end, by how much a cycle made each figure grow (least squares).
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

from tests.faults.neighbours.attacks import MISTAKES, hello, text
from tests.harness.json_types import JsonDict
from tests.harness.live_client import Tabs
from tests.harness.people import Person, sign_up
from tests.harness.raw_socket import ENDS, PING, RawSocket, frame, handshake
from tests.harness.running_server import RunningServer, running_server

SETTINGS = {"METRICS": "open", "HTTP_HEAD_TIMEOUT_S": "1", "LIVE_STALL_TIMEOUT_S": "2"}
TABS = 8
FLOOD = 300
SETTLE_POLL_S = 0.1
SETTLE_S = 60.0
KEPT = 10
NAMES = {
    "connections": "chatsynth_connections",
    "subscriptions": "chatsynth_subscriptions",
    "presence": "chatsynth_presence_states",
    "waiting_bytes": "chatsynth_outbox_bytes",
    "descriptors": "process_open_fds",
    "memory_kb": "process_resident_memory_bytes",
}


@dataclass(frozen=True)
class Sample:
    """What the server says of itself."""

    connections: float
    subscriptions: float
    presence: float
    waiting_bytes: float
    descriptors: float
    threads: float
    memory_kb: float

    def has_settled(self, start: "Sample") -> bool:
        """Nothing of the cycle is left; some threads and their database connections may be kept for the next."""
        return (
            (self.connections, self.subscriptions, self.presence, self.waiting_bytes) == (0, 0, 0, 0)
            and self.descriptors <= start.descriptors + KEPT
            and self.threads <= start.threads + KEPT
        )


def sample(server: RunningServer) -> Sample:
    totals = dict.fromkeys(NAMES.values(), 0.0)
    for line in server.http.get(f"{server.base_url}/metrics").text.splitlines():
        name = line.partition(" ")[0].partition("{")[0]
        if name in totals:
            totals[name] += float(line.split()[-1])
    found = {field: totals[name] for field, name in NAMES.items()}
    found["memory_kb"] /= 1024
    threads = len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))
    return Sample(**found, threads=threads)


async def settled(server: RunningServer, start: Sample) -> Sample:
    """Once everybody is gone. What has not gone after SETTLE_S is shown as it is."""
    until_s = time.monotonic() + SETTLE_S
    while not (now := sample(server)).has_settled(start) and time.monotonic() < until_s:  # noqa: ASYNC110
        await asyncio.sleep(SETTLE_POLL_S)  # the server tells nobody when it has forgotten somebody
    return now


async def cycle(ada: Person, eve: Person, chat: JsonDict) -> None:
    """Everything that connections do, good and bad, and all of them gone at the end."""
    tabs = Tabs()
    channel = chat["channel"]
    for number in range(TABS):
        tab = await tabs.full(ada if number % 2 else eve, chat)
        await tab.send("presence", channel=channel, state={"anchor": number})
        await tab.change("notification", message=f"cycle {number}")
        if number % 3 == 0:
            tab.abort()
    await _attack(eve, chat)
    await tabs.close()


async def _attack(eve: Person, chat: JsonDict) -> None:
    floods = (
        frame(b"nonsense") * FLOOD,
        frame(b"x" * 125, PING) * FLOOD,
        text("heartbeat") * FLOOD + MISTAKES * 2,
        frame(b"x", length=2**40),
        frame(b'{"', first=0) + frame(b"", 0, first=0) * FLOOD,
    )
    for words in floods:
        socket = await RawSocket.open(eve)
        socket.ignore()
        with suppress(*ENDS):
            await socket.say(hello(chat) + words)
        socket.close()
    for beginning in (b"", b"GET / HT", handshake(eve)[:50], b"\0" * 50):
        socket = await RawSocket.tcp(eve)
        await socket.say(beginning)
        socket.close()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def slope(values: Sequence[float]) -> float:
    """By how much each is larger than the one before, by least squares."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    spread = sum((at - middle) ** 2 for at in range(len(values)))
    return sum((at - middle) * (value - mean) for at, value in enumerate(values)) / spread if spread else 0.0


async def soak(server: RunningServer, cycles: int | None, until_s: float | None = None) -> list[Sample]:
    """The sample before the first cycle, and one after each."""
    ada, eve = sign_up(server, "Ada"), sign_up(server, "Eve")
    chat = ada.new_chat("one")
    ada.share(chat["id"], eve)
    chat = ada.chat(chat["id"])
    start = sample(server)
    samples = [start]
    while (cycles is None or len(samples) <= cycles) and (until_s is None or time.monotonic() < until_s):
        await cycle(ada, eve, chat)
        samples.append(await settled(server, start))
        if until_s is not None:
            _say(str(samples[-1]))
    return samples


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.neighbours.soak")
    parser.add_argument("--minutes", type=float, required=True)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder) / "data", SETTINGS) as server:
        samples = asyncio.run(soak(server, None, time.monotonic() + 60 * minutes))
    later = samples[len(samples) // 3 :]
    _say(f"{len(samples) - 1} cycles; growth with each after the first third:")
    for field in fields(Sample):
        _say(f"  {field.name}: {slope([getattr(each, field.name) for each in later]):+.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
