"""Everything that matters without a mouse: find a chat, open it, edit and save, share, import, and come back."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.library import BEGIN, Library
from tests.browser.person import Person
from tests.harness.people import sign_up
from tests.harness.running_server import RunningServer

MOST_STEPS = 60


def tab_to(page: Page, wanted: Locator) -> None:
    """As somebody does who only has the Tab key; each stop on the way shows that it is one."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError("The Tab key does not lead there.")


def expect_focus_is_seen(wanted: Locator) -> None:
    seen = "(element) => [getComputedStyle(element).outlineStyle, parseFloat(getComputedStyle(element).outlineWidth)]"
    style, width = wanted.evaluate(seen)
    assert style != "none"
    assert width >= 2


def test_a_chat_is_found_opened_edited_and_saved(eva: Person, notes: Library) -> None:
    page = eva.page
    page.goto(eva.base_url + "/")
    eva.expect_live()
    page.keyboard.press("/")
    expect(page.get_by_test_id("search-input")).to_be_focused()
    page.keyboard.type("harbour")
    expect(page.get_by_test_id("search-result").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_test_id("search-result").first).to_be_focused()
    page.keyboard.press("Enter")
    message = eva.message(notes.message_id)
    expect(message).to_be_visible()
    tab_to(page, message)
    expect_focus_is_seen(message)
    page.keyboard.press("e")
    expect(eva.editor(notes.message_id)).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Typed.")
    expect(eva.save_state(notes.message_id)).to_have_text("Saved")
    page.keyboard.press("Escape")
    expect(message).to_be_focused()
    assert notes.row_text() == BEGIN + " Typed."


def test_a_chat_is_shared(eva: Person, notes: Library, house: RunningServer) -> None:
    page, other = eva.page, sign_up(house, "Finn")
    eva.open_chat(notes.chat_id)
    eva.expect_live()
    share = page.get_by_role("main").get_by_role("button", name="Share", exact=True)
    tab_to(page, share)
    expect_focus_is_seen(share)
    page.keyboard.press("Enter")
    expect(page.get_by_label("E-mail of the person")).to_be_focused()
    page.keyboard.type(other.email)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text(other.name)
    page.keyboard.press("Escape")
    expect(share).to_be_focused()


def test_a_file_is_chosen_and_a_chat_is_jumped_to(eva: Person, notes: Library) -> None:
    page = eva.page
    page.on("filechooser", lambda _: None)  # from now on: asked for only below, it could come too late for the key
    page.goto(eva.base_url + "/")
    eva.expect_live()
    tab_to(page, page.get_by_role("link", name="Skip to content"))
    chooser = page.get_by_role("button", name="Import an export", exact=True).first
    tab_to(page, chooser)
    with page.expect_file_chooser():
        page.keyboard.press("Enter")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Jump to a chat")).to_be_focused()
    page.keyboard.type("harbour")
    page.keyboard.press("Enter")
    expect(eva.message(notes.message_id)).to_be_visible()
