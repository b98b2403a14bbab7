"""One person and no network: what was typed survives the reload, the closed tab and the crashed one."""

from playwright.sync_api import Browser, expect

from tests.browser.cable import Cable
from tests.browser.conftest import MoveIn, new_notes
from tests.browser.library import BEGIN, Library
from tests.browser.person import Person
from tests.harness.running_server import RunningServer


def begin_offline(ann: Person, library: Library, cable: Cable, text: str) -> None:
    ann.open_chat(library.chat_id)
    ann.expect_live()
    ann.wait_for_offline_page()
    ann.edit(library.message_id)
    cable.cut()
    ann.type_at_end(library.message_id, text)
    expect(ann.status()).to_contain_text("kept on this device")


def expect_arrived(ann: Person, library: Library, cable: Cable, *texts: str) -> None:
    cable.mend()
    ann.expect_live()
    text = library.wait_for_row(lambda text: all(each in text for each in texts))
    ann.expect_nothing_kept()
    assert all(text.count(each) == 1 for each in texts), text
    assert library.api_text() == text
    assert library.is_indexed(text)


def test_a_reload_without_a_network_shows_what_was_typed(ann: Person, library: Library, cable: Cable) -> None:
    begin_offline(ann, library, cable, " before the reload")
    ann.page.reload()
    ann.expect_text(library.message_id, "before the reload")
    ann.edit(library.message_id)
    ann.type_at_end(library.message_id, " and after it")
    expect_arrived(ann, library, cable, " before the reload", " and after it")
    ann.expect_text(library.message_id, "before the reload and after it")


def test_what_a_closed_tab_left_is_sent_by_the_next_one(ann: Person, library: Library, cable: Cable) -> None:
    begin_offline(ann, library, cable, " from a closed tab")
    closed = ann.page
    ann.new_tab()
    closed.close()
    ann.page.goto(ann.base_url + "/")
    expect_arrived(ann, library, cable, " from a closed tab")


def test_another_open_tab_sends_what_a_closed_one_left(ann: Person, library: Library, cable: Cable) -> None:
    ann.page.goto(ann.base_url + "/")
    other = ann.page
    ann.new_tab()
    begin_offline(ann, library, cable, " handed over")
    ann.page.close()
    ann.page = other
    expect_arrived(ann, library, cable, " handed over")


def test_a_message_added_without_a_network_arrives_once(ann: Person, library: Library, cable: Cable) -> None:
    ann.open_chat(library.chat_id)
    ann.expect_live()
    ann.load_editor(library.message_id)
    cable.cut()
    ann.page.get_by_test_id("add-message").click()
    ann.page.locator(".cm-content").last.click()
    ann.page.keyboard.type("Written on the train")
    expect(ann.status()).to_contain_text("kept on this device")
    cable.mend()
    ann.expect_live()
    ann.expect_nothing_kept()
    assert [text for text in library.row_texts() if "train" in text] == ["Written on the train"]


def test_an_editor_that_could_not_be_loaded_comes_with_the_network(
    browser: Browser, move_in: MoveIn, house: RunningServer, house_cable: Cable
) -> None:
    eva = move_in(browser.new_context(service_workers="block"), "127.0.0.1")
    notes = new_notes(eva, house)
    eva.page.route("**/assets/MessageEditor*", lambda route: route.abort())
    eva.open_chat(notes.chat_id)
    eva.expect_live()
    with eva.page.expect_event("requestfailed", lambda request: "MessageEditor" in request.url):
        house_cable.cut()
        expect(eva.status()).to_have_text("Offline")
        eva.message(notes.message_id).hover()
        eva.message(notes.message_id).get_by_test_id("message-edit").click()
    eva.expect_text(notes.message_id, BEGIN)
    eva.page.unroute("**/assets/MessageEditor*")
    house_cable.mend()
    eva.type_at_end(notes.message_id, " And after it.")
    assert notes.wait_for_row(lambda text: text == BEGIN + " And after it.") == BEGIN + " And after it."
    eva.context.close()
