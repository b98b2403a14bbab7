"""Reading what an assistant did on the way to its answer."""

import json
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.person import Person
from tests.features.imports.chatgpt_work import worked_out


def open_worked_out(person: Person, folder: Path) -> Locator:
    """The messages of the chat, which is imported in the page."""
    export = folder / "conversations.json"
    export.write_text(json.dumps([worked_out()]))
    person.page.goto(person.base_url + "/imports")
    person.expect_live()
    person.page.get_by_test_id("import-input").set_input_files(export)
    expect(person.page.get_by_test_id("import-report").first).to_have_attribute("data-state", "done")
    person.page.get_by_test_id("chat-item").first.click()
    messages = person.page.get_by_test_id("message")
    expect(messages.last).to_contain_text("Enjoy the walk.")
    return messages


def test_the_steps_of_an_answer_are_folded_under_one_head(ann: Person, tmp_path: Path) -> None:
    messages = open_worked_out(ann, tmp_path)
    expect(messages).to_have_count(15)
    assert [title.strip() for title in messages.locator("summary").all_inner_texts()] == [
        "Finding a good hour",
        "Searched the web\ntide table Lisbon May · low tide times Cascais",
        "Found",
        "Ran code\nimport numpy as np",
        "Output",
        "Tide walk\ndocument",
        "Document saved",
        "Tide walk\ndocument",
        "Asked for a picture\nPeople walking on wet sand at dawn",
        "1 source",
    ]
    assert messages.locator("header").filter(has_text="ChatGPT").count() == 2, "one for each turn"
    expect(ann.page.get_by_text("Thought for 7s")).to_be_visible()


def test_a_step_opens_to_what_was_done(ann: Person, tmp_path: Path) -> None:
    messages = open_worked_out(ann, tmp_path)
    messages.get_by_text("Ran code").click()
    expect(messages.get_by_text("hours = np.arange")).to_be_visible()
    messages.get_by_text("Tide walk").last.click()
    expect(messages.get_by_role("heading", name="Tide walk")).to_be_visible()
    expect(messages.get_by_text("half past six").first).to_be_visible()
