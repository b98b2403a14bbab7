"""Servers in processes of their own, each pinned to one core, as a user would start them."""

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SERVER_CORE = 0
LOAD_CORE = 1
START_TIMEOUT_S = 60.0
MOST_LOG_SHOWN = 2000
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Server:
    """One that listens at 127.0.0.1."""

    port: int
    pid: int

    def memory_kb(self) -> int:
        """Resident memory of the process."""
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1])
        raise RuntimeError("The server has ended.")

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pinned(core: int, *command: str | Path) -> list[str]:
    taskset = shutil.which("taskset")
    words = [str(word) for word in command]
    return words if taskset is None else [taskset, "--cpu-list", str(core), *words]


def allow_many_files() -> None:
    """As many as the system lets a process have: 5,000 connections need 5,000."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def compile_native(folder: Path, name: str) -> Path:
    """One of the C programs in `native/`; needs a C compiler."""
    program = folder / name
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, "-O2", "-o", program, HERE / "native" / f"{name}.c"], check=True)
    return program


@contextmanager
def product(data: Path, environment: Mapping[str, str] | None = None, port: int | None = None) -> Iterator[Server]:
    """`chatsynth serve` on the library in `data`."""
    port = port or free_port()
    command = pinned(SERVER_CORE, sys.executable, "-m", "chatsynth", "serve", "--port", str(port), "--data", data)
    with _running(command, port, dict(environment or {})) as server:
        yield server


@contextmanager
def tutorial_server() -> Iterator[Server]:
    port = free_port()
    command = pinned(SERVER_CORE, sys.executable, HERE / "tutorial_server.py", str(port))
    with _running(command, port, {}) as server:
        yield server


@contextmanager
def limit_server(program: Path, *flags: str) -> Iterator[Server]:
    port = free_port()
    with _running(pinned(SERVER_CORE, program, str(port), *flags), port, {}, is_http=False) as server:
        yield server


@contextmanager
def _running(command: list[str], port: int, environment: dict[str, str], *, is_http: bool = True) -> Iterator[Server]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=log, stderr=log)
        try:
            if not _becomes_ready(process, port, is_http=is_http):
                raise RuntimeError(f"A server did not start: {_end_of(log)}")
            yield Server(port, process.pid)
        finally:
            _stop(process)


def _becomes_ready(process: subprocess.Popen[bytes], port: int, *, is_http: bool) -> bool:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not (_answers_http(port) if is_http else _listens(port)):
        if process.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _end_of(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - MOST_LOG_SHOWN))
    return log.read().decode(errors="replace")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers_http(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
