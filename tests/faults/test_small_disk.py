"""A disk that is really full, again and again, while people type (promise P1)."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from chatsynth.database.migrate import migrate
from tests.faults.crowd import gather_crowd
from tests.faults.soundness import damage
from tests.harness.history import report
from tests.harness.live_client import Tabs
from tests.harness.people import sign_up
from tests.harness.running_server import ROOT, RunningServer

DISK_BYTES = 12 * 1024**2
TRY = """
from pathlib import Path
from tests.faults.small_disk_server import mount_small_disk
mount_small_disk(Path("/tmp"), 1024 * 1024)
"""

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def _small_disks_are_possible() -> None:
    tried = subprocess.run([sys.executable, "-c", TRY], cwd=ROOT, capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"no file system of its own for a process here: {tried.stderr.strip().splitlines()[-1]}")


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[RunningServer]:
    """A library with nobody at it."""
    server = RunningServer(tmp_path / "closed")
    migrate(server.database)
    yield server
    server.close()


@pytest.mark.usefixtures("_small_disks_are_possible")
async def test_a_full_disk_loses_nothing_and_is_no_reason_to_restart(
    tabs: Tabs, tmp_path: Path, closed: RunningServer
) -> None:
    people = [sign_up(closed, "Ada"), sign_up(closed, "Ben")]
    closed.leave_library()
    program = ("tests.faults.small_disk_server", str(DISK_BYTES), str(closed.data))
    server = RunningServer(tmp_path / "data", program=program)
    server.start()
    try:
        disk = Path(f"/proc/{server.process.pid}/root") / server.data.relative_to("/")
        ballast = disk / "ballast"
        crowd = gather_crowd(server, tabs, [replace(each, server=server) for each in people], 3, Random(1))
        for _ in range(3):
            goal, refusals = crowd.acked + 20, crowd.unavailable + 3
            await crowd.type_until(lambda goal=goal: crowd.acked >= goal)  # type: ignore[misc]
            _fill(ballast)
            await crowd.type_until(lambda refusals=refusals: crowd.unavailable >= refusals)  # type: ignore[misc]
            ready = server.http.get(f"{server.base_url}/readyz")
            assert (ready.status_code, ready.json()["code"]) == (503, "unavailable")
            assert "disk" in ready.json()["detail"]
            ballast.unlink()
        await crowd.come_to_rest()
        left = tmp_path / "left"
        shutil.copytree(disk, left, ignore=shutil.ignore_patterns("*-shm"))
        findings = crowd.findings(left / server.database.name)
        assert findings == [], report(findings)
        assert list(damage(left / server.database.name)) == []
    finally:
        server.close()
        server.stop()
    assert [line for line in server.mistakes() if "commit failed" not in line and "WriteFailed" not in line] == []


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
