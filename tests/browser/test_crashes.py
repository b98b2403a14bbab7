"""Nothing typed is lost (P2) when a tab crashes, when its process is killed, and when the whole browser is killed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.cable import Cable
from tests.browser.conftest import CHROMIUM_FLAGS, MoveIn, new_notes
from tests.browser.faults import Profile, crash_tab, kill_tabs
from tests.browser.library import BEGIN, Library
from tests.browser.person import Person
from tests.harness.running_server import RunningServer

TYPED = " Typed without a network."
WRITES = """(() => {
  window.writes = [];
  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...args) {
    const transaction = begin.apply(this, args);
    const isWrite = transaction.mode === 'readwrite' && transaction.objectStoreNames.contains('outbox');
    if (isWrite) window.writes.push(transaction.durability);
    return transaction;
  };
})()"""


def type_offline(eva: Person, notes: Library, cable: Cable) -> None:
    """Until the page says that all of it is kept on this device."""
    eva.open_chat(notes.chat_id)
    eva.expect_live()
    eva.edit(notes.message_id)
    cable.cut()
    eva.type_at_end(notes.message_id, TYPED)
    expect(eva.save_state(notes.message_id)).to_have_text("Kept on this device")


def expect_sent_once(eva: Person, notes: Library, cable: Cable) -> None:
    """By a tab that has only been opened; it is not even in the chat."""
    cable.mend()
    eva.new_tab()
    eva.page.goto(eva.base_url + "/")
    assert notes.wait_for_row(lambda text: text == BEGIN + TYPED) == BEGIN + TYPED
    eva.expect_nothing_kept()
    eva.open_chat(notes.chat_id)
    eva.expect_text(notes.message_id, BEGIN + TYPED)
    assert notes.row_text() == BEGIN + TYPED


@pytest.mark.parametrize("end", [crash_tab, kill_tabs], ids=["crashed", "killed"])
def test_what_a_tab_had_kept_when_it_died_is_sent_once(
    eva: Person, notes: Library, house_cable: Cable, end: Callable[[Page], None]
) -> None:
    type_offline(eva, notes, house_cable)
    end(eva.page)
    expect_sent_once(eva, notes, house_cable)


@pytest.fixture
def profile(playwright: Playwright, chromium: str, tmp_path: Path) -> Iterator[Profile]:
    profile = Profile(playwright, chromium, CHROMIUM_FLAGS, tmp_path / "profile")
    yield profile
    profile.close()


def test_what_a_killed_browser_had_kept_is_sent_once(
    profile: Profile, move_in: MoveIn, house: RunningServer, house_cable: Cable
) -> None:
    eva = move_in(profile.open(), "127.0.0.1")
    notes = new_notes(eva, house)
    type_offline(eva, notes, house_cable)
    cookies = eva.context.cookies()  # the browser writes these down half a minute later
    profile.kill()
    eva.context = profile.open()
    eva.context.add_cookies([{"name": each["name"], "value": each["value"], "url": eva.base_url} for each in cookies])
    expect_sent_once(eva, notes, house_cable)


def test_the_outbox_asks_for_the_disk_and_not_for_a_cache(eva: Person, notes: Library, house_cable: Cable) -> None:
    eva.page.add_init_script(WRITES)
    type_offline(eva, notes, house_cable)
    house_cable.mend()
    expect(eva.save_state(notes.message_id)).to_have_text("Saved")
    writes = eva.page.evaluate("window.writes")
    assert len(writes) > 2
    assert set(writes) == {"strict"}
