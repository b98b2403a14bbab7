"""Servers that are forked from one process which has everything loaded: their start takes a tenth of the time.

Each is a process like any other: it opens the data anew, listens, and is killed with -9. `python -m tests.faults.forked
CONTROL JOURNAL` is that process; for each line that it reads it starts a server with that environment, as JSON.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import chatsynth.server  # noqa: F401 - loaded before the forks
from chatsynth.cli import main
from tests.faults.control import Control
from tests.faults.vfs import FaultyFileSystem

POLL_S = 0.005


@dataclass(frozen=True)
class ForkedProcess:
    """As much of `subprocess.Popen` as a running server needs; how it ended is not known."""

    pid: int

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(POLL_S)
        return 0


class Forker:
    """The process that servers are forked from."""

    def __init__(self, control: Path, journal: Path | None, log: Path, folder: Path) -> None:
        command = [sys.executable, "-W", "error", "-m", "tests.faults.forked", str(control), str(journal or "-")]
        with log.open("ab") as written:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=written, cwd=folder, text=True
            )

    def start(self, environment: dict[str, str]) -> ForkedProcess:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(environment) + "\n")
        self._process.stdin.flush()
        return ForkedProcess(int(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def _serve(control: str, journal: str, environment: dict[str, str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(2, 1)
    FaultyFileSystem(Control(Path(control)), None if journal == "-" else Path(journal)).install()
    sys.argv = ["chatsynth", "serve"]
    main()


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody has to wait for the ended ones
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os.close(0)
            _serve(sys.argv[1], sys.argv[2], json.loads(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
