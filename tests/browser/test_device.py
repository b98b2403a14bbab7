"""A device that keeps nothing: the page goes on in memory, says so, warns before it is closed, and sends all it can."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cable import Cable
from tests.browser.library import BEGIN, Library
from tests.browser.person import Person

TYPED = " Typed into a tab."
BROKEN = {
    "there is none": "Object.defineProperty(window, 'indexedDB', { value: undefined })",
    "opening throws": "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError') }",
    "opening fails": """IDBFactory.prototype.open = () => {
      const request = new EventTarget();
      Object.assign(request, { error: new DOMException('corrupt', 'UnknownError'), readyState: 'done' });
      setTimeout(() => request.dispatchEvent(new Event('error')));
      return request;
    }""",
    "opening hangs": "IDBFactory.prototype.open = () => new EventTarget()",
    "writing throws": "IDBObjectStore.prototype.put = () => { throw new DOMException('no', 'QuotaExceededError') }",
    "writing aborts": """const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value) {
      const request = put.call(this, value);
      request.addEventListener('success', (event) => event.stopImmediatePropagation());
      this.transaction.commit = () => {};
      this.transaction.abort();
      return request;
    }""",
}


def begin(eva: Person, notes: Library) -> None:
    eva.open_chat(notes.chat_id)
    eva.expect_live()
    eva.edit(notes.message_id)


def expect_only_in_this_tab(eva: Person, notes: Library) -> None:
    """Whatever the page says, nothing of it says that the text is kept."""
    expect(eva.save_state(notes.message_id)).to_have_text("Only in this tab")
    expect(eva.status()).to_have_text("Offline · 1 only in this tab")
    banner = eva.page.get_by_test_id("connection-banner")
    expect(banner).to_contain_text("1 change is in this tab only. Keep it open until it is saved.")
    for place in (eva.status(), banner, eva.save_state(notes.message_id)):
        expect(place).not_to_contain_text("kept on this device")


def expect_question_before_leaving(page: Page) -> None:
    """The browser asks, on behalf of the page, whether it may really go; this person stays."""
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()


def expect_saved(eva: Person, notes: Library) -> None:
    expect(eva.save_state(notes.message_id)).to_have_text("Saved")
    assert notes.row_text() == BEGIN + TYPED
    eva.expect_editor_text(notes.message_id, BEGIN + TYPED)


@pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN.keys())
def test_a_device_that_takes_nothing(eva: Person, notes: Library, house_cable: Cable, script: str) -> None:
    eva.page.add_init_script(script)
    begin(eva, notes)
    house_cable.cut()
    eva.type_at_end(notes.message_id, TYPED)
    expect_only_in_this_tab(eva, notes)
    expect_question_before_leaving(eva.page)
    house_cable.mend()
    expect_saved(eva, notes)


def test_a_full_device_and_one_that_has_room_again(eva: Person, notes: Library, house_cable: Cable) -> None:
    origin = {"origin": eva.base_url}
    quota = eva.context.new_cdp_session(eva.page)
    quota.send("Storage.overrideQuotaForOrigin", origin | {"quotaSize": 1})
    begin(eva, notes)
    house_cable.cut()
    eva.type_at_end(notes.message_id, TYPED)
    expect_only_in_this_tab(eva, notes)
    quota.send("Storage.overrideQuotaForOrigin", origin)
    expect(eva.save_state(notes.message_id)).to_have_text("Kept on this device")
    expect(eva.status()).to_have_text("Offline · 1 kept on this device")
    eva.page.close()
    house_cable.mend()
    eva.new_tab()
    eva.open_chat(notes.chat_id)
    assert notes.wait_for_row(lambda text: text == BEGIN + TYPED) == BEGIN + TYPED
    eva.expect_nothing_kept()


def test_a_database_that_is_deleted_under_the_page(eva: Person, notes: Library, house_cable: Cable) -> None:
    begin(eva, notes)
    house_cable.cut()
    eva.type_at_end(notes.message_id, TYPED)
    expect(eva.save_state(notes.message_id)).to_have_text("Kept on this device")
    eva.context.new_cdp_session(eva.page).send(
        "IndexedDB.deleteDatabase", {"securityOrigin": eva.base_url, "databaseName": "chatsynth"}
    )
    eva.page.wait_for_function("""async () => {
      const open = indexedDB.open('chatsynth');
      await new Promise((done) => { open.onsuccess = done; });
      const all = open.result.transaction('outbox').objectStore('outbox').getAll();
      await new Promise((done) => { all.onsuccess = done; });
      open.result.close();
      return all.result.length === 1;
    }""")
    expect(eva.save_state(notes.message_id)).to_have_text("Kept on this device")
    eva.page.close()
    house_cable.mend()
    eva.new_tab()
    eva.open_chat(notes.chat_id)
    assert notes.wait_for_row(lambda text: text == BEGIN + TYPED) == BEGIN + TYPED


def test_the_page_does_not_warn_when_everything_is_kept(eva: Person, notes: Library, house_cable: Cable) -> None:
    begin(eva, notes)
    house_cable.cut()
    eva.type_at_end(notes.message_id, TYPED)
    expect(eva.status()).to_have_text(re.compile("1 kept on this device"))
    with eva.page.expect_event("close"):  # a question would be answered with no, and the page would stay
        eva.page.close(run_before_unload=True)
