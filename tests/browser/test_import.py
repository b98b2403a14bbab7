"""Importing through the page: live progress, a report that adds up, and nothing twice."""

import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.person import Person
from tests.features.imports.exports import Made, chatgpt_export, claude_export
from tests.harness.running_server import RunningServer

CHATS = 40


def import_in_page(person: Person, made: Made) -> None:
    person.page.get_by_test_id("import-input").set_input_files(made.path)


def numbers(report: Locator, column: str) -> list[int]:
    titles = report.locator("thead th").all_inner_texts()
    cells = report.locator(f"tbody td:nth-child({titles.index(column) + 2})")
    return [int(text.replace(",", "")) for text in cells.all_inner_texts()]


def test_an_import_in_the_page_accounts_for_everything(ann: Person, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "chatgpt.zip", conversations=CHATS)
    ann.page.goto(ann.base_url + "/imports")
    ann.expect_live()
    import_in_page(ann, made)
    report = ann.page.get_by_test_id("import-report").first
    expect(report).to_have_attribute("data-state", "done")
    assert numbers(report, "Chats") == [made.conversations, made.conversations, 0, 0, 0]
    assert numbers(report, "Messages") == [made.messages, made.messages, 0, 0, 0]
    expect(ann.page.get_by_test_id("chat-item").first).to_be_visible()


def test_the_same_file_again_adds_nothing(ann: Person, tmp_path: Path) -> None:
    made = claude_export(tmp_path / "claude.zip", conversations=5)
    ann.page.goto(ann.base_url + "/imports")
    ann.expect_live()
    reports = ann.page.get_by_test_id("import-report")
    for count in (1, 2):
        import_in_page(ann, made)
        expect(reports).to_have_count(count)
        expect(reports.first).to_have_attribute("data-state", "done")
    assert numbers(reports.first, "Messages") == [made.messages, 0, 0, made.messages, 0]
    assert numbers(reports.last, "Messages") == [made.messages, made.messages, 0, 0, 0]


def test_a_broken_file_says_why_and_changes_nothing(ann: Person, tmp_path: Path) -> None:
    broken = tmp_path / "conversations.json"
    broken.write_bytes(b'[{"mapping": {}, "title": "cut off')
    ann.page.goto(ann.base_url + "/imports")
    ann.expect_live()
    ann.page.get_by_test_id("import-input").set_input_files(broken)
    report = ann.page.get_by_test_id("import-report").first
    expect(report).to_have_attribute("data-state", "failed")
    expect(report).to_contain_text("conversations.json")
    expect(ann.page.get_by_test_id("chat-item")).to_have_count(0)


def test_chats_imported_on_the_command_line_arrive_in_open_pages(
    ann: Person, server: RunningServer, tmp_path: Path
) -> None:
    made = chatgpt_export(tmp_path / "shards", conversations=3, layout="shards")
    ann.page.goto(ann.base_url + "/")
    ann.expect_live()
    command = [sys.executable, "-m", "chatsynth", "import", str(made.path), "--user", "ann@example.org"]
    subprocess.run([*command, "--data", str(server.data)], check=True, env=dict(os.environ), capture_output=True)
    expect(ann.page.get_by_test_id("chat-item")).to_have_count(3)
