"""Real servers, real Chromium, real people."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from tests.browser.cable import Cable
from tests.browser.library import Library
from tests.browser.person import Person
from tests.harness.people import sign_up
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
    # A name in a local network without https: no secure context, hence no Web Locks and no service worker.
    "--host-resolver-rules=MAP notes.lan 127.0.0.1",
]
PATIENCE_MS = 30_000

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium() -> str:
    found = os.environ.get("CHATSYNTH_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    assert found, "There is no Chromium; `make test-browser` installs one, or set CHATSYNTH_CHROMIUM."
    return found


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
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


# One server for all tests that need no other: each has a person and a chat of its own in it -----------------------


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    by_any_name = {"TRUST_PROXY": "yes"}  # the cable stands before it and is asked for as notes.lan too
    with running_server(tmp_path_factory.mktemp("house") / "data", by_any_name, mistakes_expected=True) as server:
        yield server


@pytest.fixture
def house_cable(house: RunningServer) -> Iterator[Cable]:
    cable = Cable(house.port)
    cable.start()
    yield cable
    cable.stop()


MoveIn = Callable[[BrowserContext, str], Person]


@pytest.fixture
def move_in(house: RunningServer, house_cable: Cable) -> MoveIn:
    """A new account, signed in at this browser; the name of the host is the test's."""
    return lambda context, host: come_in(context, house, house_cable, host)


def come_in(context: BrowserContext, server: RunningServer, cable: Cable, host: str = "127.0.0.1") -> Person:
    """A new account, signed in without the page's forms, on the far end of the cable."""
    context.set_default_timeout(PATIENCE_MS)
    base_url = f"http://{host}:{cable.port}"
    account = sign_up(server, "Eva")
    context.add_cookies([{"name": "chatsynth_session", "value": account.cookie, "url": base_url}])
    return Person(context, context.new_page(), base_url, account)


@pytest.fixture
def eva(browser: Browser, move_in: MoveIn) -> Iterator[Person]:
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    yield move_in(context, "127.0.0.1")
    context.close()


@pytest.fixture
def notes(eva: Person, house: RunningServer) -> Library:
    """A chat of Eva's."""
    return new_notes(eva, house)


def new_notes(eva: Person, house: RunningServer) -> Library:
    library = Library(eva, house)
    library.new_chat("Harbour notes")
    return library
