"""The page's "saved" is true at every moment (P1, P2): whenever it is shown, the database holds all that was typed.

Somebody types at random while cables are pulled, the server is killed with -9 and the database is locked by others.
`CHATSYNTH_TEST_SAVED_STEPS` types for longer than the suite does; `CHATSYNTH_TEST_SAVED_SEEDS` does it more often.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from random import Random

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.cable import Cable
from tests.browser.conftest import come_in
from tests.browser.library import BEGIN, Library
from tests.browser.person import Person
from tests.browser.witness import Witness, is_within
from tests.harness.running_server import RunningServer

STEPS = int(os.environ.get("CHATSYNTH_TEST_SAVED_STEPS", "16"))
SEEDS = int(os.environ.get("CHATSYNTH_TEST_SAVED_SEEDS", "1"))
PLACES = ("Control+End", "Control+Home", "ArrowLeft", "ArrowRight")
FIRST = 0x4E00


@dataclass(slots=True)
class Checker:
    """Reads the database beside the server; `claims` is how often the page has said "saved" of a new text."""

    notes: Library
    claims: int = 0
    broken: list[str] = field(default_factory=list)

    def saw(self, state: str, text: str) -> None:
        if state != "saved":
            return
        self.claims += 1
        row = self.notes.row_text()
        if not is_within(text, row):
            self.broken.append(f"said to be saved: {text!r}, in the database: {row!r}")


@contextmanager
def locked(database: RunningServer) -> Iterator[None]:
    """Another program holds the database, so that nothing can be committed."""
    with closing(sqlite3.connect(database.database, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()


class Typist:
    """Each character is typed once in all, so that a lost or doubled one is seen."""

    def __init__(self, eva: Person, notes: Library, random: Random) -> None:
        self._eva, self._notes, self._random = eva, notes, random
        self.typed = ""

    def type(self) -> None:
        for _ in range(self._random.randint(1, 4)):
            self._eva.page.keyboard.press(self._random.choice(PLACES))
            for _ in range(self._random.randint(1, 3)):
                character = chr(FIRST + len(self.typed))
                self.typed += character
                self._eva.page.keyboard.insert_text(character)


@pytest.mark.timeout(60 + 8 * STEPS)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_saved_is_said_only_of_what_is_in_the_database(
    browser: Browser, server: RunningServer, cable: Cable, seed: int
) -> None:
    random = Random(seed)
    eva = come_in(browser.new_context(), server, cable)
    notes = Library(eva, server)
    eva.open_chat(notes.new_chat("Harbour notes"))
    eva.expect_live()
    eva.edit(notes.message_id)
    checker = Checker(notes)
    witness = Witness(eva.page, checker.saw)
    witness.watch(notes.message_id)
    typist = Typist(eva, notes, random)
    for _ in range(STEPS):
        typist.type()
        match random.choice(("calm", "calm", "cut", "kill", "lock")):
            case "cut":
                cable.cut()
                typist.type()
                cable.mend()
            case "kill":
                server.kill()
                witness.hear()  # whatever is not committed by now never will be by this server
                typist.type()
                witness.hear()
                server.start()
            case "lock":
                with locked(server):
                    typist.type()
                    witness.hear()
            case _:
                expect(eva.save_state(notes.message_id)).to_have_text("Saved")
        witness.hear()
        assert checker.broken == []
    expect(eva.save_state(notes.message_id)).to_have_text("Saved")
    witness.hear()
    text = notes.row_text()
    eva.expect_editor_text(notes.message_id, text)
    assert sorted(text) == sorted(BEGIN + typist.typed)
    assert checker.broken == []
    assert checker.claims > STEPS // 8
    eva.context.close()
