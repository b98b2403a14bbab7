"""A new chat whose first message is typed at once, before the server has given numbers to either."""

import json
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cable import Cable
from tests.browser.library import LOOK_EVERY_MS, PATIENCE_S, Library
from tests.browser.person import Person
from tests.harness.running_server import RunningServer

FIRST = "First line, typed at once"
PAUSES_MS = range(0, 301, 30)


def errors_of(page: Page) -> list[str]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


def begin_chat(person: Person, pause_ms: int) -> None:
    """A new chat, a message in it, and the first letters, with this pause before each."""
    person.page.get_by_test_id("new-chat").first.click()
    person.page.wait_for_timeout(pause_ms)
    person.page.get_by_test_id("add-message").click()
    person.page.wait_for_timeout(pause_ms)
    person.page.locator(".cm-content").wait_for()


def newest_texts(server: RunningServer) -> list[str]:
    with closing(sqlite3.connect(server.database)) as db:
        newest = "SELECT text FROM messages WHERE chat_id = (SELECT max(id) FROM chats)"
        return [str(row[0]) for row in db.execute(newest)]


def expect_saved(person: Person, server: RunningServer, text: str) -> None:
    """The newest chat has this one message, on the disk and on the screen."""
    waited_ms = 0
    while (found := newest_texts(server)) != [text] and waited_ms < PATIENCE_S * 1000:
        person.page.wait_for_timeout(LOOK_EVERY_MS)
        waited_ms += LOOK_EVERY_MS
    assert found == [text]
    person.expect_nothing_kept()
    shown = "(text) => [...document.querySelectorAll('.cm-line')].map((line) => line.textContent).join('\\n') === text"
    person.page.wait_for_function(shown, arg=text)


def test_typing_at_once_in_a_new_chat(ann: Person, library: Library, server: RunningServer) -> None:
    errors = errors_of(ann.page)
    ann.open_chat(library.chat_id)
    ann.expect_live()
    for pause_ms in PAUSES_MS:
        begin_chat(ann, pause_ms)
        ann.page.keyboard.type(FIRST)
        expect_saved(ann, server, FIRST)
    assert errors == []


@pytest.mark.parametrize("pause_ms", [0, 100])
def test_typing_in_a_new_chat_without_a_network(
    ann: Person, library: Library, server: RunningServer, cable: Cable, pause_ms: int
) -> None:
    errors = errors_of(ann.page)
    ann.open_chat(library.chat_id)
    ann.expect_live()
    ann.wait_for_offline_page()
    ann.edit(library.message_id)  # the editor has been loaded
    ann.page.keyboard.press("Escape")
    cable.cut()
    begin_chat(ann, pause_ms)
    ann.page.keyboard.type(FIRST)
    expect(ann.status()).to_contain_text("kept on this device")
    cable.mend()
    ann.page.keyboard.type(", and on")
    ann.expect_live()
    expect_saved(ann, server, FIRST + ", and on")
    assert errors == []


@pytest.mark.parametrize("pause_ms", [0, 20, 60, 150])
def test_a_server_that_is_killed_while_a_chat_is_born(
    ann: Person, library: Library, server: RunningServer, pause_ms: int
) -> None:
    errors = errors_of(ann.page)
    ann.open_chat(library.chat_id)
    ann.expect_live()
    begin_chat(ann, 0)
    ann.page.keyboard.type(FIRST[:7])
    ann.page.wait_for_timeout(pause_ms)
    server.kill()
    ann.page.keyboard.type(FIRST[7:])
    server.start()
    ann.page.keyboard.type("!")
    ann.expect_live()
    expect_saved(ann, server, FIRST + "!")
    assert errors == []


def test_the_others_caret_says_whose_it_is(ann: Person, bob: Person, library: Library) -> None:
    for person in (ann, bob):
        person.open_chat(library.chat_id)
        person.expect_live()
        person.edit(library.message_id)
    ann.type_at_end(library.message_id, "!")
    for person, name in ((bob, "Ann"), (ann, "Bob")):
        caret = person.message(library.message_id).locator(f".cm-remoteCaret[data-name={json.dumps(name)}]")
        expect(caret).to_be_attached()
