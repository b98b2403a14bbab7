"""Two people in one chat: every keystroke live, cables pulled, servers killed, and in the end everything is equal."""

import re

from playwright.sync_api import expect

from tests.browser.cable import Cable
from tests.browser.library import Library
from tests.browser.person import Person
from tests.harness.running_server import RunningServer

LIVE = re.compile("^Live$")


def both_edit(ann: Person, bob: Person, library: Library) -> None:
    for person in (ann, bob):
        person.open_chat(library.chat_id)
        person.expect_live()
        person.edit(library.message_id)


def test_two_people_type_in_one_message(ann: Person, bob: Person, library: Library) -> None:
    both_edit(ann, bob, library)
    for number in range(12):
        ann.type_at_start(library.message_id, f"a{number} ")
        bob.type_at_end(library.message_id, f" b{number}")
    library.expect_equal_everywhere(
        ann, bob, lambda text: all(f"a{n} " in text and f" b{n}" in text for n in range(12))
    )


def test_a_reader_sees_what_a_writer_types(ann: Person, bob: Person, library: Library) -> None:
    for person in (ann, bob):
        person.open_chat(library.chat_id)
        person.expect_live()
    ann.edit(library.message_id)
    ann.type_at_end(library.message_id, " — live")
    bob.expect_text(library.message_id, "— live")
    expect(bob.page.get_by_test_id("present-avatars")).to_contain_text("A")


def test_the_others_cursor_shows_their_name(ann: Person, bob: Person, library: Library) -> None:
    both_edit(ann, bob, library)
    ann.type_at_end(library.message_id, "!")
    expect(bob.message(library.message_id).locator('.cm-remoteCaret[data-name="Ann"]')).to_be_visible()


def test_what_is_typed_without_a_network_arrives(ann: Person, bob: Person, library: Library, cable: Cable) -> None:
    both_edit(ann, bob, library)
    cable.cut()
    ann.type_at_start(library.message_id, "from Ann ")
    bob.type_at_end(library.message_id, " from Bob")
    expect(ann.status()).to_contain_text("kept on this device")
    cable.mend()
    ann.expect_live()
    bob.expect_live()
    library.expect_equal_everywhere(ann, bob, lambda text: "from Ann " in text and " from Bob" in text)


def test_a_killed_server_loses_nothing(ann: Person, bob: Person, library: Library, server: RunningServer) -> None:
    both_edit(ann, bob, library)
    for number in range(3):
        ann.type_at_start(library.message_id, f"a{number} ")
        bob.type_at_end(library.message_id, f" b{number}")
        server.kill()
        ann.type_at_start(library.message_id, f"A{number} ")
        bob.type_at_end(library.message_id, f" B{number}")
        server.start()
    ann.expect_live()
    bob.expect_live()
    words = [f"{letter}{number}" for letter in "aAbB" for number in range(3)]
    library.expect_equal_everywhere(ann, bob, lambda text: all(text.count(word) == 1 for word in words))


def test_sharing_and_unsharing_are_live(bob: Person, library: Library) -> None:
    bob.page.goto(bob.base_url + "/")
    bob.expect_live()
    fresh = library.new_chat("Only now")
    library.share(fresh)
    expect(bob.page.get_by_test_id("toast")).to_contain_text("Only now")
    expect(bob.page.get_by_test_id("chat-item").filter(has_text="Only now")).to_be_visible()
    bob.open_chat(fresh)
    library.unshare(fresh)
    expect(bob.page.get_by_test_id("chat-item").filter(has_text="Only now")).to_be_hidden()
    expect(bob.page.get_by_text("no longer shared with you").first).to_be_visible()
