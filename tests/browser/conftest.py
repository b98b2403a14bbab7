"""Real servers, real Chromium, real people."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.cable import Cable
from tests.browser.library import Library
from tests.browser.person import Person
from tests.harness.running_server import RunningServer, running_server

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Without a sandbox because tests may run as root; without anything that would call home.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = os.environ.get("CHATSYNTH_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    assert found, "There is no Chromium; `make test-browser` installs one, or set CHATSYNTH_CHROMIUM."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with running_server(tmp_path / "data", mistakes_expected=True) as server:
        yield server


@pytest.fixture
def cable(server: RunningServer) -> Iterator[Cable]:
    cable = Cable(server.port)
    cable.start()
    yield cable
    cable.stop()


NewPerson = Callable[[], Person]


@pytest.fixture
def new_person(browser: Browser, cable: Cable) -> Iterator[NewPerson]:
    """Each with a browser profile of their own, on the far end of the cable."""
    people: list[Person] = []

    def make() -> Person:
        context = browser.new_context(viewport={"width": 1200, "height": 800})
        context.set_default_timeout(PATIENCE_MS)
        person = Person(context, context.new_page(), f"http://127.0.0.1:{cable.port}")
        people.append(person)
        return person

    yield make
    for person in people:
        person.context.close()


@pytest.fixture
def ann(new_person: NewPerson) -> Person:
    """The first account of the server."""
    person = new_person()
    person.sign_up("ann@example.org", "Ann")
    return person


@pytest.fixture
def bob(new_person: NewPerson, ann: Person) -> Person:
    """The second one."""
    del ann
    person = new_person()
    person.sign_up("bob@example.org", "Bob", "/sign-up")
    return person


@pytest.fixture
def library(ann: Person, bob: Person, server: RunningServer) -> Library:
    """A chat of Ann's that Bob may edit."""
    del bob
    library = Library(ann, server)
    library.share(library.new_chat("Harbour notes"))
    return library
