"""What a newcomer does first, and what the library shows."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.library import Library
from tests.browser.person import Person

HOSTILE = """<script>window.hacked = 1</script>
<img src=x onerror="window.hacked = 2">
<svg onload="window.hacked = 3"></svg>
<iframe srcdoc="<script>parent.hacked = 4</script>"></iframe>
[click](javascript:window.hacked=5) [data](data:text/html,<script>window.hacked=6</script>)
![remote](https://tracker.invalid/pixel.png)
<a href="javascript:window.hacked=7">raw</a> <style>body{display:none}</style>
"""


def test_a_newcomer_makes_the_first_account_and_looks_around(new_person: NewPerson) -> None:
    person = new_person()
    person.sign_up("first@example.org", "First")
    person.page.get_by_role("button", name=re.compile("demo library")).click()
    expect(person.page.get_by_test_id("chat-item").nth(4)).to_be_visible()
    person.page.get_by_test_id("chat-item").first.click()
    expect(person.page.get_by_test_id("message").first).to_be_visible()


def test_the_second_person_is_not_offered_the_first_account(ann: Person, new_person: NewPerson) -> None:
    del ann
    person = new_person()
    person.page.goto(person.base_url + "/")
    expect(person.page.get_by_test_id("sign-in")).to_be_visible()


def test_hostile_markdown_stays_text_and_asks_nobody(ann: Person, library: Library) -> None:
    asked: list[str] = []
    ann.page.on("request", lambda request: asked.append(request.url))
    chat_id = library.new_chat("Hostile", HOSTILE)
    ann.open_chat(chat_id)
    ann.expect_text(library.message_id, "window.hacked = 1")
    for link in ann.message(library.message_id).locator("a").all():
        assert not (link.get_attribute("href") or "").lower().startswith(("javascript:", "data:"))
    assert ann.page.evaluate("window.hacked") is None
    assert [url for url in asked if not url.startswith((ann.base_url, "data:", "blob:"))] == []


def test_a_new_chat_a_title_and_the_search_find_each_other(ann: Person) -> None:
    ann.page.goto(ann.base_url + "/")
    ann.expect_live()
    ann.page.get_by_test_id("new-chat").first.click()
    ann.page.get_by_test_id("chat-title").fill("Plants")
    ann.page.keyboard.press("Enter")
    ann.page.get_by_test_id("add-message").click()
    ann.page.locator(".cm-content").last.click()
    ann.page.keyboard.type("Notes about heliotropism")
    expect(ann.page.get_by_test_id("save-state")).to_have_text("Saved")
    expect(ann.page.get_by_test_id("chat-item").first).to_contain_text("Plants")
    ann.page.get_by_test_id("search-input").fill("heliotrop")
    expect(ann.page.get_by_test_id("search-result").first).to_contain_text("heliotrop")


def test_notifications_are_read_in_every_tab(ann: Person, library: Library) -> None:
    ann.page.goto(ann.base_url + "/")
    ann.expect_live()
    first = ann.page
    ann.new_tab()
    ann.page.goto(ann.base_url + "/")
    ann.expect_live()
    library.notify("The backup has finished")
    for tab in (first, ann.page):
        expect(tab.get_by_test_id("toast")).to_contain_text("The backup has finished")
        expect(tab.get_by_test_id("notification-bell")).to_have_accessible_name(re.compile("1 unread"))
    first.get_by_test_id("notification-bell").click()
    first.get_by_role("button", name="Mark all as read").click()
    expect(ann.page.get_by_test_id("notification-bell")).not_to_have_accessible_name(re.compile("unread"))


def test_signing_out_in_one_tab_ends_the_other(ann: Person) -> None:
    ann.page.goto(ann.base_url + "/")
    ann.expect_live()
    other = ann.page
    ann.new_tab()
    ann.page.goto(ann.base_url + "/")
    ann.expect_live()
    ann.sign_out()
    expect(other.get_by_test_id("sign-in")).to_be_visible()


def test_keyboard_alone_opens_and_edits_a_chat(ann: Person, library: Library) -> None:
    ann.open_chat(library.chat_id)
    ann.message(library.message_id).focus()
    ann.page.keyboard.press("e")
    expect(ann.editor(library.message_id)).to_be_focused()
    ann.page.keyboard.press("Escape")
    expect(ann.editor(library.message_id)).to_be_hidden()
