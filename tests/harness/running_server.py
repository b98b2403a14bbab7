"""A real server in a process of its own, which can be killed and started again on the same data and port."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import httpx

from chatsynth.config import Settings
from chatsynth.library import open_library
from chatsynth.web.context import Context

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
READY_POLL_S = 0.02
ROOT = Path(__file__).parents[2]
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


class Process(Protocol):
    """As `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, number: int, /) -> None: ...

    def kill(self) -> None: ...


class RunningServer:
    """`settings` are names of environment variables without `CHATSYNTH_`, such as `LIVE_STALL_TIMEOUT_S`."""

    def __init__(
        self, data: Path, settings: Mapping[str, str] = NO_SETTINGS, program: Sequence[str] = ("chatsynth",)
    ) -> None:
        """`program` is the module that has the commands of `chatsynth`, and what comes before the command."""
        self.data = data
        self._program = program
        self.port = free_port()
        self.live_port = self.port
        """Where live connections go; a cable may be in between."""
        self._settings = settings
        self._log = data.parent / f"{data.name}.log"
        self._process: Process | None = None
        no_reuse = httpx.Limits(max_keepalive_connections=0)  # the server may have been killed since
        self._open = ExitStack()
        self._library: Context | None = None
        self._opened_library = self._open.enter_context(ExitStack())
        self.http = httpx.Client(verify=False, trust_env=False, timeout=30.0, limits=no_reuse)
        self._open.enter_context(self.http)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def live_url(self) -> str:
        return f"ws://127.0.0.1:{self.live_port}"

    @property
    def database(self) -> Path:
        return self.data / "chatsynth.sqlite3"

    @property
    def process(self) -> Process:
        assert self._process is not None, "the server was not started"
        return self._process

    def environment(self) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if not name.startswith("CHATSYNTH_")}
        ours = {"DATA": str(self.data), "PORT": str(self.port), "SIGNUP": "open", "LOG_FORMAT": "json"}
        return outside | {f"CHATSYNTH_{name}": value for name, value in (ours | dict(self._settings)).items()}

    def start(self) -> None:
        """Returns once the server says that it is ready."""
        self._process = self.launch()
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._is_ready():
            assert self._process.poll() is None, f"the server ended: {self._log.read_text()[-2000:]}"
            assert time.monotonic() < deadline, f"the server did not get ready: {self._log.read_text()[-2000:]}"
            time.sleep(READY_POLL_S)

    def launch(self) -> Process:
        with self._log.open("ab") as log:
            command = [sys.executable, "-W", "error", "-m", *self._program, "serve"]
            return subprocess.Popen(command, env=self.environment(), stdout=log, stderr=log, cwd=ROOT)

    def _is_ready(self) -> bool:
        try:
            return self.http.get(f"{self.base_url}/readyz", timeout=5.0).status_code == 200
        except httpx.TransportError:
            return False

    def ask_to_stop(self) -> None:
        """As a service manager does it; the server drains."""
        self.process.send_signal(signal.SIGTERM)

    def wait_until_ended(self) -> int:
        return self.process.wait(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """kill -9: no goodbye, nothing is flushed."""
        self.process.kill()
        self.process.wait(STOP_TIMEOUT_S)

    def library(self) -> Context:
        """The data, opened beside the server as the command line does it."""
        if self._library is None:
            self._library = self._opened_library.enter_context(open_library(Settings(data_dir=self.data)))
        return self._library

    def leave_library(self) -> None:
        """Nobody can exchange the data while a process has it open."""
        self._opened_library.close()
        self._library = None

    def close(self) -> None:
        """Ends what this process holds of the server; the server itself goes on."""
        self._open.close()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.ask_to_stop()
            self.wait_until_ended()

    def mistakes(self) -> list[str]:
        """Lines of the log that tell of a mistake of the server; a client must not be able to cause one."""
        return [line for line in self.log_text().splitlines() if not _is_harmless(line)]

    def log_text(self) -> str:
        """Everything that the server wrote since it first started."""
        return self._log.read_text() if self._log.exists() else ""


def _is_harmless(line: str) -> bool:
    try:
        level = json.loads(line).get("level")
    except (ValueError, AttributeError):
        return not line.strip()
    return level in ("debug", "info", "warning")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port


@contextmanager
def running_server(
    data: Path, settings: Mapping[str, str] = NO_SETTINGS, *, mistakes_expected: bool = False
) -> Iterator[RunningServer]:
    """Started, and in the end stopped; fails when the server logged a mistake."""
    server = RunningServer(data, settings)
    server.start()
    try:
        yield server
    finally:
        server.close()
        server.stop()
    assert mistakes_expected or server.mistakes() == []
