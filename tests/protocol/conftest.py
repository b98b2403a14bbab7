"""Servers that are less patient than the shared one."""

from collections.abc import Callable, Iterator

import pytest

from tests.harness.running_server import RunningServer, running_server

IMPATIENT = {
    "LIVE_IDLE_TIMEOUT_S": "2",
    "LIVE_STALL_TIMEOUT_S": "1",
    "LIVE_HEARTBEAT_INTERVAL_S": "0.5",
    "LIVE_OUTBOX_WINDOW_BYTES": "65536",
    "LIVE_DRAIN_S": "0.1",
    "LIVE_DRAIN_RETRY_MS": "1234",
}

StartServer = Callable[[], RunningServer]


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Ends silent connections after two seconds and stalled ones after one."""
    with running_server(tmp_path_factory.mktemp("impatient") / "data", IMPATIENT) as server:
        yield server
