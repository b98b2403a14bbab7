"""What holds for every test: property tests have no time limit of their own, since machines differ."""

import os
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.harness.live_client import Tabs
from tests.harness.people import Person, sign_up
from tests.harness.running_server import RunningServer, running_server

settings.register_profile(
    "chatsynth",
    parent=settings.get_profile("ci" if "CI" in os.environ else "default"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("chatsynth")

NewPerson = Callable[[str], Person]

LIMITS = {
    "LIVE_MAX_CONNECTIONS_PER_USER": "10",
    "LIVE_MAX_SUBSCRIPTIONS": "20",
    "LIVE_MAX_FRAME_BYTES": "300000",
    "LIVE_MAX_TEXT_UNITS": "250000",
    "LIVE_MAX_PRESENCE_BYTES": "1000",
    "ALLOWED_ORIGINS": "https://friends.example.org",
}
"""Small enough to be reached by a test, large enough for all others."""


@pytest.fixture
def anyio_backend() -> str:
    """Tests that are coroutines run on asyncio, as the server does."""
    return "asyncio"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server that tests share. Each has people of its own; it must leave the server as it is."""
    with running_server(tmp_path_factory.mktemp("server") / "data", LIMITS) as server:
        yield server


@pytest.fixture
def new_person(server: RunningServer) -> NewPerson:
    return lambda name: sign_up(server, name)


@pytest.fixture
def ada(new_person: NewPerson) -> Person:
    return new_person("Ada")


@pytest.fixture
def admin(new_person: NewPerson) -> Person:
    """Somebody who administers the server."""
    return new_person("Admin")


@pytest.fixture
def ben(new_person: NewPerson) -> Person:
    return new_person("Ben")


@pytest.fixture
async def tabs() -> AsyncIterator[Tabs]:
    tabs = Tabs()
    yield tabs
    await tabs.close()
