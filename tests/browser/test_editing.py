"""What people do in an editor while others change the same text: undo, an input method, a huge paste, a reload."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.library import BEGIN, Library
from tests.browser.person import Person
from tests.harness.people import Person as Account
from tests.harness.people import sign_up
from tests.harness.running_server import RunningServer

THEIRS = "Theirs. "
LINE = "All work and no play makes a dull text, line after line after line after line.\n"
HUGE = LINE * 15_000
"""More than 1 MB."""


@pytest.fixture
def write_as_other(house: RunningServer, notes: Library) -> Callable[[str], None]:
    """Somebody else writes this before what is in the message, over HTTP."""
    other = sign_up(house, "Other")
    notes.add_member(other.email, "editor")

    def write(text: str) -> None:
        content = text + notes.row_text()
        other.patch(f"/api/chats/{notes.chat_id}/messages/{notes.message_id}", {"content": content})

    return write


def begin(eva: Person, notes: Library) -> None:
    eva.open_chat(notes.chat_id)
    eva.expect_live()
    eva.edit(notes.message_id)


def expect_saved_as(eva: Person, notes: Library, text: str) -> None:
    eva.expect_editor_text(notes.message_id, text)
    expect(eva.save_state(notes.message_id)).to_have_text("Saved")
    assert notes.row_text() == text


def test_undo_and_redo_are_of_the_own_typing_only(
    eva: Person, notes: Library, write_as_other: Callable[[str], None]
) -> None:
    begin(eva, notes)
    eva.type_at_end(notes.message_id, " Mine.")
    expect_saved_as(eva, notes, BEGIN + " Mine.")
    write_as_other(THEIRS)
    expect_saved_as(eva, notes, THEIRS + BEGIN + " Mine.")
    eva.page.keyboard.press("Control+z")
    expect_saved_as(eva, notes, THEIRS + BEGIN)
    eva.page.keyboard.press("Control+z")
    expect_saved_as(eva, notes, THEIRS + BEGIN)
    eva.page.keyboard.press("Control+Shift+z")
    expect_saved_as(eva, notes, THEIRS + BEGIN + " Mine.")


def test_an_input_method_composes_while_others_write(
    eva: Person, notes: Library, write_as_other: Callable[[str], None]
) -> None:
    begin(eva, notes)
    eva.editor(notes.message_id).press("Control+End")
    keys = eva.context.new_cdp_session(eva.page)
    for reading in ("み", "みな", "みなと"):
        keys.send("Input.imeSetComposition", {"text": reading, "selectionStart": 3, "selectionEnd": 3})
    write_as_other(THEIRS)
    owner_of(eva).patch(f"/api/chats/{notes.chat_id}", {"title": "Renamed after it"})
    expect(eva.page.get_by_test_id("chat-title")).to_have_text("Renamed after it")  # so it has come, and waits
    keys.send("Input.insertText", {"text": "港"})
    expect_saved_as(eva, notes, THEIRS + BEGIN + "港")


def paste(eva: Person, text: str) -> None:
    eva.context.grant_permissions(["clipboard-read", "clipboard-write"])
    eva.page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    eva.page.keyboard.press("Control+v")


def test_more_than_a_megabyte_is_pasted_and_then_more_than_a_message_can_hold(eva: Person, notes: Library) -> None:
    begin(eva, notes)
    eva.editor(notes.message_id).press("Control+End")
    paste(eva, HUGE)
    assert notes.wait_for_row(lambda text: text == BEGIN + HUGE) == BEGIN + HUGE
    expect(eva.save_state(notes.message_id)).to_have_text("Saved")
    paste(eva, HUGE * 3)
    expect(eva.page.get_by_test_id("toast")).to_contain_text("Nothing was added to it")
    eva.page.keyboard.type("End.")
    assert notes.wait_for_row(lambda text: text.endswith("End.")) == BEGIN + HUGE + "End."
    expect(eva.save_state(notes.message_id)).to_have_text("Saved")


def test_a_long_chat_that_is_read_again_leaves_the_open_editor_alone(eva: Person, house: RunningServer) -> None:
    notes = Library(eva, house)
    account = owner_of(eva)
    chat = account.new_chat(*(f"Message {number}" for number in range(130)))
    last = account.get(f"/api/chats/{chat['id']}?limit=1000")["messages"][-1]
    notes.chat_id, notes.message_id = chat["id"], last["id"]
    eva.page.goto(f"{eva.base_url}/chats/{notes.chat_id}?message={notes.message_id}")
    eva.edit(notes.message_id)
    eva.type_at_end(notes.message_id, " first")
    editor = eva.editor(notes.message_id).element_handle()
    with eva.page.expect_response(
        lambda answer: f"/api/chats/{notes.chat_id}?" in answer.url and "cursor" in answer.url
    ):
        account.post(f"/api/chats/{notes.chat_id}/messages/{notes.message_id}/select")
    eva.page.keyboard.type(" and on")
    expect_saved_as(eva, notes, last["content"] + " first and on")
    assert editor.evaluate("(editor) => editor.isConnected && editor.contains(document.activeElement)")


def owner_of(eva: Person) -> Account:
    assert eva.account is not None
    return eva.account
