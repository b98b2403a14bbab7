"""What the server does not take is never dropped silently nor sent for ever: it stays on the page, for copying (P2)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, WebSocketRoute, expect

from tests.browser.cable import Cable
from tests.browser.library import BEGIN, Library
from tests.browser.person import Person
from tests.harness.people import sign_up
from tests.harness.running_server import RunningServer

TYPED = " Not to be lost."
SENTENCE = "This is the sentence of the refusal."
FOR_GOOD = ["forbidden", "not_found", "conflict", "invalid", "too_large", "internal"]


@dataclass  # without slots: Playwright notes on the method what it has made of it
class Refusing:
    """Stands between the page and the server, and refuses each change of one kind with this code."""

    code: str
    kind: str
    refused: list[str] = field(default_factory=list)
    answers: int = 0
    """How often the server has said that it lives."""

    def stand_between(self, eva: Person) -> None:
        eva.page.route_web_socket("**/ws/*", self._connect)

    def _connect(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def hear(message: str | bytes) -> None:
            frame = json.loads(message)
            if frame["type"] != self.kind:
                server.send(message)
                return
            self.refused.append(frame["op"])
            error = {"type": "error", "op": frame["op"], "channel": None, "code": self.code, "message": SENTENCE}
            page.send(json.dumps(error))

        def tell(message: str | bytes) -> None:
            self.answers += json.loads(message)["type"] == "heartbeat"
            page.send(message)

        page.on_message(hear)
        server.on_message(tell)


def kept_texts(eva: Person) -> Locator:
    return eva.page.get_by_label("Texts that are kept for you").get_by_role("alert")


def expect_copy_and_discard(eva: Person, text: str, sentence: str) -> None:
    """It is there after a reload too, can be copied whole, and goes when its writer says so."""
    kept = kept_texts(eva)
    expect(kept).to_contain_text(sentence)
    expect(kept).to_contain_text(text.strip())
    eva.page.reload()
    expect(kept).to_contain_text(sentence)
    eva.context.grant_permissions(["clipboard-read", "clipboard-write"])
    kept.get_by_role("button", name="Copy the text").click()
    eva.page.wait_for_function("async (text) => await navigator.clipboard.readText() === text", arg=text)
    kept.get_by_role("button", name="Discard").click()
    expect(kept).to_have_count(0)
    eva.page.reload()
    eva.expect_live()
    expect(kept).to_have_count(0)


def test_a_text_that_is_refused_is_kept_for_copying(eva: Person, notes: Library, house_cable: Cable) -> None:
    refusing = Refusing("none yet", "chat_update")
    refusing.stand_between(eva)
    eva.open_chat(notes.chat_id)
    eva.expect_live()
    for number, code in enumerate(FOR_GOOD):
        refusing.code = code
        eva.edit(notes.message_id)
        eva.type_at_end(notes.message_id, chr(ord("0") + number))
        expect(kept_texts(eva)).to_contain_text(f"{SENTENCE}{BEGIN}{number}")
        eva.expect_editor_text(notes.message_id, BEGIN)
        expect(eva.save_state(notes.message_id)).to_have_text("Not accepted")
        expect_no_more_tries(eva, refusing)
        assert len(refusing.refused) == number + 1
        if code != FOR_GOOD[-1]:
            kept_texts(eva).get_by_role("button", name="Discard").click()
            eva.editor(notes.message_id).press("Escape")
            expect(eva.editor(notes.message_id)).to_have_count(0)
    house_cable.cut()
    expect(eva.status()).to_have_text("Offline")
    house_cable.mend()
    eva.expect_live()
    assert len(refusing.refused) == len(FOR_GOOD), "sent again on another connection"
    assert notes.row_text() == BEGIN
    expect_copy_and_discard(eva, f"{BEGIN}{len(FOR_GOOD) - 1}", SENTENCE)


def expect_no_more_tries(eva: Person, refusing: Refusing) -> None:
    """The connection lives on, and nothing is sent again, not even when the page has reason to look after it."""
    sent, heard = len(refusing.refused), refusing.answers
    eva.page.evaluate("window.dispatchEvent(new Event('focus'))")
    while refusing.answers == heard:
        eva.page.evaluate("new Promise((done) => setTimeout(done))")
    assert len(refusing.refused) == sent


def test_what_was_written_into_a_message_that_is_not_added(eva: Person, notes: Library, house_cable: Cable) -> None:
    refusing = Refusing("forbidden", "message_add")
    refusing.stand_between(eva)
    eva.open_chat(notes.chat_id)
    eva.expect_live()
    eva.load_editor(notes.message_id)
    house_cable.cut()
    expect(eva.status()).to_have_text("Offline")  # before that, the message would be refused while it is written
    eva.page.get_by_test_id("add-message").click()
    eva.page.locator(".cm-content").click()
    eva.page.keyboard.type(TYPED)
    expect(eva.page.get_by_test_id("save-state")).to_have_text("Kept on this device")
    house_cable.mend()
    expect_copy_and_discard(eva, TYPED, "could not be added")
    assert len(refusing.refused) == 1
    assert len(notes.row_texts()) == 2


Change = Callable[[Library, Person], None]


def unshare(notes: Library, eva: Person) -> None:
    assert eva.account is not None
    notes.remove_member(eva.account.id)


def make_viewer(notes: Library, eva: Person) -> None:
    assert eva.account is not None
    notes.add_member(eva.account.email, "viewer")


@pytest.mark.parametrize(("change", "sentence"), [(unshare, "no longer shared"), (make_viewer, "may")])
def test_a_right_that_ends_while_somebody_types_without_a_network(
    eva: Person, house: RunningServer, house_cable: Cable, change: Change, sentence: str
) -> None:
    assert eva.account is not None
    owner = sign_up(house, "Owner")
    notes = Library(Person(eva.context, eva.page, eva.base_url, owner), house)
    notes.new_chat("Shared notes")
    notes.add_member(eva.account.email, "editor")
    type_offline(eva, notes, house_cable)
    change(notes, eva)
    house_cable.mend()
    expect_copy_and_discard(eva, BEGIN + TYPED, sentence)
    assert notes.row_text() == BEGIN


def type_offline(eva: Person, notes: Library, cable: Cable) -> None:
    eva.open_chat(notes.chat_id)
    eva.expect_live()
    eva.edit(notes.message_id)
    cable.cut()
    eva.type_at_end(notes.message_id, TYPED)
    expect(eva.save_state(notes.message_id)).to_have_text("Kept on this device")


def test_a_message_that_is_removed_while_somebody_types_in_it(eva: Person, notes: Library, house_cable: Cable) -> None:
    type_offline(eva, notes, house_cable)
    notes.remove_message()
    house_cable.mend()
    expect_copy_and_discard(eva, BEGIN + TYPED, "removed while you were writing")
    assert notes.wait_for_row(lambda text: text == BEGIN + TYPED) == BEGIN + TYPED
