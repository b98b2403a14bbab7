"""A backup is put back under open pages that are ahead of it: they go on from what was restored."""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.cable import Cable
from tests.browser.library import BEGIN, Library
from tests.browser.person import Person


def run(*arguments: object) -> None:
    command = [sys.executable, "-m", "chatsynth", *(str(each) for each in arguments)]
    subprocess.run(command, check=True, capture_output=True)


def test_open_pages_go_on_from_a_restored_backup(
    ann: Person, bob: Person, library: Library, cable: Cable, tmp_path: Path
) -> None:
    server, backup = library.server, tmp_path / "backup.sqlite3"
    for person in (ann, bob):
        person.open_chat(library.chat_id)
        person.edit(library.message_id)
    ann.type_at_end(library.message_id, " In the backup.")
    library.wait_for_row(lambda text: text == BEGIN + " In the backup.")
    run("backup", backup, "--data", server.data)
    bob.type_at_end(library.message_id, " Saved after it.")
    bob.page.get_by_test_id("add-message").click()
    expect(ann.page.get_by_test_id("message")).to_have_count(3)
    library.wait_for_row(lambda text: text.endswith(" Saved after it."))
    ann.expect_editor_text(library.message_id, BEGIN + " In the backup. Saved after it.")

    cable.cut()
    ann.type_at_end(library.message_id, " Typed meanwhile.")
    expect(ann.status()).to_contain_text("kept on this device")
    server.stop()
    run("restore", backup, "--replace", "--data", server.data)
    server.start()
    cable.mend()

    for person in (ann, bob):
        expect(person.page.get_by_test_id("message")).to_have_count(2)
        person.expect_live()
    expected = BEGIN + " In the backup. Typed meanwhile."
    library.wait_for_row(lambda text: text == expected)
    bob.edit(library.message_id)
    bob.type_at_start(library.message_id, "Again: ")
    library.expect_equal_everywhere(ann, bob, lambda text: text == f"Again: {expected}")
