"""Drives the load generator (`native/load.c`)."""

import json
import secrets
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks.processes import LOAD_CORE, Server, pinned

TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Client:
    """One WebSocket. It is ready when it got `ready_frames`; without `hello` it says nothing."""

    path: str
    token: str
    ready_frames: int = 0
    hello: str | None = None

    def line(self) -> str:
        return "\t".join(
            (self.path, self.token, str(self.ready_frames), *(() if self.hello is None else (self.hello,)))
        )


@dataclass(frozen=True, slots=True)
class Slot:
    """What one client may have outstanding: a message, in which @R@, @N@ and @B@ become a name of this run, the
    message's number and its base. The name makes an `op` unique for ever."""

    client: int
    base: int
    template: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """`busy_s` is the processor time of the load generator: what is left of `wall_s` is its headroom.

    `server_cpu_s` is that of the server, connecting and warming up included.
    """

    messages: int
    deliveries: int
    wall_s: float
    busy_s: float
    server_cpu_s: float
    frame_bytes: float
    acknowledged: int
    p50_ms: float
    p99_ms: float
    max_ms: float

    @property
    def deliveries_per_s(self) -> float:
        return self.deliveries / self.wall_s

    @property
    def acknowledged_per_s(self) -> float:
        return self.acknowledged / self.wall_s

    @property
    def load_busy(self) -> float:
        return self.busy_s / self.wall_s


@dataclass(frozen=True, slots=True)
class Load:
    """The compiled load generator."""

    program: Path

    def fanout(
        self, server: Server, clients: Sequence[Client], slots: Sequence[Slot], messages: int, warm_up: int
    ) -> Measurement:
        return self._measure(server, clients, slots, "fanout", str(messages), str(warm_up))

    def edits(self, server: Server, clients: Sequence[Client], slots: Sequence[Slot], seconds: float) -> Measurement:
        return self._measure(server, clients, slots, "edits", str(seconds))

    def paced(
        self, server: Server, clients: Sequence[Client], slots: Sequence[Slot], seconds: float, rate: float
    ) -> Measurement:
        return self._measure(server, clients, slots, "paced", str(seconds), str(rate))

    @contextmanager
    def connected(self, server: Server, clients: Sequence[Client]) -> Iterator[float]:
        """Seconds until all were ready; they stay for as long as the block lasts."""
        with self._command(server, clients, (), "connect") as command:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                yield float(json.loads(process.stdout.readline())["wall_s"])
            finally:
                process.stdin.close()
                process.wait()
                process.stdout.close()

    def _measure(self, server: Server, clients: Sequence[Client], slots: Sequence[Slot], *mode: str) -> Measurement:
        began_s = server.cpu_s()
        with self._command(server, clients, slots, *mode) as command:
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=TIMEOUT_S)
        found = json.loads(done.stdout)
        found["server_cpu_s"] = server.cpu_s() - began_s
        return Measurement(**{each.name: found[each.name] for each in fields(Measurement)})

    @contextmanager
    def _command(
        self, server: Server, clients: Sequence[Client], slots: Sequence[Slot], *mode: str
    ) -> Iterator[list[str]]:
        with tempfile.TemporaryDirectory() as folder:
            client_file, slot_file = Path(folder, "clients"), Path(folder, "slots")
            client_file.write_text("".join(f"{each.line()}\n" for each in clients), encoding="utf-8")
            run = secrets.token_hex(4)
            lines = (f"{slot.client}\t{slot.base}\t{slot.template.replace('@R@', run)}\n" for slot in slots)
            slot_file.write_text("".join(lines), encoding="utf-8")
            yield pinned(LOAD_CORE, self.program, str(server.port), client_file, slot_file, *mode)
