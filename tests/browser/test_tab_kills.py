"""Somebody types at full speed while the tab's process crashes again and again (P2, P3): all that the page called
saved or kept is in the database in the end, and nothing is there twice. `CHATSYNTH_TEST_TAB_KILLS` kills more often.
"""

import os
import sys
import time
from dataclasses import dataclass
from random import Random

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.cable import Cable
from tests.browser.conftest import come_in
from tests.browser.faults import crash_tab
from tests.browser.library import Library
from tests.browser.person import Person
from tests.browser.witness import Witness, is_within
from tests.harness.running_server import RunningServer

KILLS = int(os.environ.get("CHATSYNTH_TEST_TAB_KILLS", "4"))
FIRST = 0x4E00
MOST_KEYS = 60
PATIENCE_S = 30.0
PER_CHAT = 30
"""Kills; then the next chat is begun."""
NOTHING_KEPT = """async () => {
  const open = indexedDB.open('chatsynth');
  await new Promise((done) => { open.onsuccess = done; });
  const count = open.result.transaction('outbox').objectStore('outbox').count();
  await new Promise((done) => { count.onsuccess = done; });
  open.result.close();
  return count.result === 0;
}"""


@dataclass(slots=True)
class Tally:
    kills: int = 0
    typed: int = 0
    """Characters that were seen in the editor."""
    vouched: int = 0
    """Those of them that the page called saved or kept before the kill."""
    lost: int = 0
    """Those of these that are not in the database in the end."""
    doubled: int = 0
    in_the_last_moments: int = 0
    """Typed, but killed before the page called them kept, and not in the database."""

    def add(self, writing: "Writing", row: str) -> None:
        typed, vouched, found = set(writing.seen), set(writing.vouched), set(row)
        self.kills += 1
        self.typed += len(typed - set(writing.before))
        self.vouched += len(vouched - set(writing.before))
        self.lost += len(vouched - found)
        self.doubled += len(row) - len(found)
        self.in_the_last_moments += len(typed - vouched - found)


@dataclass(slots=True)
class Writing:
    """A text from one kill to the next: as it was, as it was seen last, and as the page last vouched for it."""

    before: str
    seen: str = ""
    vouched: str = ""

    def saw(self, state: str, text: str) -> None:
        self.seen = text
        if state in ("saved", "kept"):
            self.vouched = text


def write_until_killed(eva: Person, notes: Library, cable: Cable, random: Random, writing: Writing) -> None:
    eva.open_chat(notes.chat_id)
    eva.expect_live()
    eva.edit(notes.message_id)
    eva.page.keyboard.press("Control+End")
    Witness(eva.page, writing.saw).watch(notes.message_id)
    if random.random() < 0.5:
        cable.cut()
        expect(eva.status()).to_have_attribute("data-kind", "offline")
    # Beyond all characters that are there, so that a lost or doubled one is seen.
    first = max(FIRST, *map(ord, writing.before)) + 1
    eva.page.keyboard.insert_text(chr(first))
    wait_until_vouched(eva, writing, chr(first))
    for number in range(1, random.randint(1, MOST_KEYS) + 1):
        eva.page.keyboard.insert_text(chr(first + number))
    crash_tab(eva.page)
    cable.mend()


def wait_until_vouched(eva: Person, writing: Writing, text: str) -> None:
    """Without this a slow browser would be killed each time before its page had called anything kept."""
    until_s = time.monotonic() + PATIENCE_S
    while text not in writing.vouched:
        assert time.monotonic() < until_s, "the page never called it saved or kept"
        eva.page.wait_for_timeout(20)


def let_the_next_tab_send(eva: Person) -> None:
    dead = eva.page
    eva.new_tab()
    dead.close()
    eva.page.goto(eva.base_url + "/")
    eva.expect_live()
    eva.page.wait_for_function(NOTHING_KEPT)
    eva.expect_nothing_kept()


@pytest.mark.timeout(60 + 30 * KILLS)
def test_a_tab_that_is_killed_while_somebody_types(browser: Browser, server: RunningServer, cable: Cable) -> None:
    random, tally = Random(KILLS), Tally()
    eva = come_in(browser.new_context(), server, cable)
    notes = Library(eva, server)
    for number in range(KILLS):
        if number % PER_CHAT == 0:
            notes.new_chat(f"Notes {number}", "|")
        writing = Writing(notes.row_text())
        write_until_killed(eva, notes, cable, random, writing)
        let_the_next_tab_send(eva)
        row = notes.row_text()
        tally.add(writing, row)
        assert is_within(writing.vouched, row), (writing, row)
        assert len(row) == len(set(row)), row
        sys.stdout.write(f"{tally}\n")  # for `pytest -s`
    assert tally.vouched >= KILLS
    eva.context.close()
