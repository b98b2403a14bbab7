"""Two tabs of one person share what is kept on the device: what one leaves behind the other sends, once."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.cable import Cable
from tests.browser.conftest import MoveIn, new_notes
from tests.browser.faults import crash_tab
from tests.browser.library import BEGIN, Library
from tests.browser.person import Person
from tests.harness.running_server import RunningServer

DEAD_AFTER_MS = 90_000
"""How long a tab without Web Locks may be silent before another one takes it for gone."""
CLOCK = """(() => {
  const [now, getAll] = [Date.now, IDBIndex.prototype.getAll];
  let ahead = 0;
  Date.now = () => now.call(Date) + ahead;
  window.passTime = (ms) => { ahead += ms; };
  window.looks = 0;
  IDBIndex.prototype.getAll = function (...args) {
    if (this.objectStore.name === 'outbox') window.looks += 1;
    return getAll.apply(this, args);
  };
})()"""
BEATEN = """(fromMs) => {
  const beats = Object.keys(localStorage).filter((key) => key.startsWith('chatsynth:tab:'));
  return beats.some((key) => Number(localStorage[key]) > fromMs);
}"""
OWNERS = """async () => {
  const open = indexedDB.open('chatsynth');
  await new Promise((done) => { open.onsuccess = done; });
  const all = open.result.transaction('outbox').objectStore('outbox').getAll();
  await new Promise((done) => { all.onsuccess = done; });
  open.result.close();
  return all.result.filter(({ kind }) => kind === 'text').map(({ tabId }) => tabId);
}"""


def open_editor(eva: Person, notes: Library) -> Page:
    eva.open_chat(notes.chat_id)
    eva.expect_live()
    eva.edit(notes.message_id)
    return eva.page


def open_second_editor(eva: Person, notes: Library) -> Page:
    eva.new_tab()
    return open_editor(eva, notes)


def keep(eva: Person, notes: Library, page: Page, text: str) -> None:
    """Typed into the message in this tab, at its end if it begins with a space, until it is kept."""
    eva.page = page
    page.bring_to_front()
    (eva.type_at_end if text.startswith(" ") else eva.type_at_start)(notes.message_id, text)
    expect(eva.save_state(notes.message_id)).to_have_text("Kept on this device")


def expect_both_once(eva: Person, notes: Library, *texts: str) -> None:
    """Each text is in the row once, there is nothing else in it, and the tab in front shows the same."""
    text = notes.wait_for_row(lambda text: len(text) == len(BEGIN) + sum(map(len, texts)))
    assert BEGIN in text
    assert all(text.count(each) == 1 for each in texts), text
    eva.expect_live()
    eva.expect_editor_text(notes.message_id, text)
    assert notes.row_text() == text


def test_the_other_tab_on_the_same_message_sends_what_a_crashed_one_left(
    eva: Person, notes: Library, house_cable: Cable
) -> None:
    crashing = open_editor(eva, notes)
    other = open_second_editor(eva, notes)
    house_cable.cut()
    keep(eva, notes, crashing, "From the one that crashed. ")
    keep(eva, notes, other, " From the other.")
    crash_tab(crashing)
    house_cable.mend()
    expect_both_once(eva, notes, "From the one that crashed. ", " From the other.")


def test_both_tabs_type_in_the_same_message_and_live(eva: Person, notes: Library, house_cable: Cable) -> None:
    first = open_editor(eva, notes)
    second = open_second_editor(eva, notes)
    house_cable.cut()
    keep(eva, notes, first, "One. ")
    keep(eva, notes, second, " Two.")
    house_cable.mend()
    expect_both_once(eva, notes, "One. ", " Two.")
    eva.page = first
    expect_both_once(eva, notes, "One. ", " Two.")


@pytest.fixture
def lan_eva(browser: Browser, move_in: MoveIn) -> Person:
    """On plain http in a local network."""
    eva = move_in(browser.new_context(viewport={"width": 1200, "height": 800}), "notes.lan")
    eva.page.goto(eva.base_url + "/")
    assert eva.page.evaluate("[isSecureContext, 'locks' in navigator]") == [False, False]
    return eva


def let_look(page: Page) -> None:
    """Until this tab has looked anew for what others have kept, and has asked whether they live."""
    page.wait_for_function("(before) => window.looks > before", arg=page.evaluate("window.looks"))


def pass_time(page: Page, ms: int) -> None:
    """In this tab it is later; it has noticed that."""
    now_ms = page.evaluate("(ms) => { window.passTime(ms); return Date.now(); }", ms)
    page.wait_for_function(BEATEN, arg=now_ms)


def test_without_web_locks_a_crashed_tab_is_taken_over_after_a_while(
    lan_eva: Person, house: RunningServer, house_cable: Cable
) -> None:
    eva, notes = lan_eva, new_notes(lan_eva, house)
    crashing = open_editor(eva, notes)
    eva.new_tab()
    eva.page.add_init_script(CLOCK)
    other = open_editor(eva, notes)
    house_cable.cut()
    keep(eva, notes, crashing, "From the one that crashed. ")
    keep(eva, notes, other, " From the other.")
    owners = other.evaluate(OWNERS)
    assert len(set(owners)) == 2
    crash_tab(crashing)
    let_look(other)
    pass_time(other, DEAD_AFTER_MS // 2)
    assert sorted(other.evaluate(OWNERS)) == sorted(owners)
    pass_time(other, DEAD_AFTER_MS)
    house_cable.mend()
    expect_both_once(eva, notes, "From the one that crashed. ", " From the other.")
    eva.context.close()


def test_without_web_locks_a_tab_that_slept_yields_to_the_one_that_went_on(
    lan_eva: Person, house: RunningServer, house_cable: Cable
) -> None:
    eva, notes = lan_eva, new_notes(lan_eva, house)
    sleeper = open_editor(eva, notes)
    eva.new_tab()
    eva.page.add_init_script(CLOCK)
    other = open_editor(eva, notes)
    house_cable.cut()
    keep(eva, notes, sleeper, " typed before the sleep")
    sleep = eva.context.new_cdp_session(sleeper)
    sleep.send("Debugger.enable")
    sleep.send("Debugger.pause")
    other.bring_to_front()
    let_look(other)
    pass_time(other, 2 * DEAD_AFTER_MS)
    house_cable.mend()
    eva.page = other
    expect_both_once(eva, notes, " typed before the sleep")
    sleep.send("Debugger.disable")
    sleeper.bring_to_front()
    eva.page = sleeper
    expect_both_once(eva, notes, " typed before the sleep")
    eva.type_at_end(notes.message_id, ", and after it")
    expect_both_once(eva, notes, " typed before the sleep", ", and after it")
    eva.context.close()
