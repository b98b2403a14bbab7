"""What a report says in words."""

from pathlib import Path

import pytest

from chatsynth.features.chats import lifecycle, structure
from chatsynth.features.chats.editing import edit_with_content
from chatsynth.features.imports.demo import DEMO_LIBRARY
from chatsynth.features.imports.report import notes_of, sentence_of, times
from chatsynth.features.imports.wire import Counts, Report
from tests.features.imports.exports import chatgpt_chain, chatgpt_message
from tests.features.imports.importing import Library

NOTHING = Report(platform=None, conversations=Counts(), messages=Counts())


def test_an_import_of_several_platforms_names_each(library: Library) -> None:
    report = library.import_file(DEMO_LIBRARY)
    assert set(report.platforms) == {"chatgpt", "claude"}
    assert sum(report.platforms.values()) == report.conversations.imported == library.count("chats")
    told = sentence_of("Demo library", "done", report)
    assert told.startswith(f"The import of “Demo library” has finished: {report.conversations.imported} chats from ")
    assert "chats from ChatGPT and Claude imported" in told


@pytest.mark.parametrize(
    ("counts", "note"),
    [
        ({"kept_edits": 1}, "1 message is different in the file but edited here, and stayed as edited."),
        ({"kept_edits": 2}, "2 messages are different in the file but edited here, and stayed as edited."),
        ({"kept_removals": 1}, "1 message of the file had been removed here and stayed removed."),
        ({"kept_in_trash": 2}, "2 chats of the file are in the trash here and stayed there, unchanged."),
        ({"not_imported": {"projects": 3}}, "Not imported: projects (3)."),
    ],
)
def test_what_the_counts_do_not_say_is_a_note(counts: dict[str, object], note: str) -> None:
    assert notes_of(NOTHING.model_copy(update=counts)) == (note,)
    assert notes_of(NOTHING) == ()


def test_once_is_not_1_times() -> None:
    assert [times(number) for number in (1, 2, 2000)] == ["once", "2 times", "2,000 times"]


def test_an_import_again_says_what_stayed_as_it_is_here(library: Library, tmp_path: Path) -> None:
    chats = [
        chatgpt_chain(name, [chatgpt_message(f"{name}-{n}", "user", f"{name} {n}") for n in range(3)])
        for name in ("edited", "thrown away")
    ]
    path = tmp_path / "export.json"
    library.import_chats(path, *chats)
    mine, gone = library.chat("edited"), library.chat("thrown away")
    access, of_gone = library.access(mine.id), library.access(gone.id)
    first, second = mine.messages[0].id, mine.messages[1].id
    write = library.context.writer.run
    write(lambda unit: edit_with_content(unit, access, first, None, "My own words", library.by))
    write(lambda unit: structure.remove(unit, access, second, library.by))
    write(lambda unit: lifecycle.delete(unit, of_gone, library.by))
    report = library.import_chats(
        path,
        chatgpt_chain("edited", [chatgpt_message(f"edited-{n}", "user", f"edited {n}, later") for n in range(2)]),
        chats[1],
    )
    assert report.notes == (
        "1 message is different in the file but edited here, and stayed as edited.",
        "1 message of the file had been removed here and stayed removed.",
        "1 chat of the file is in the trash here and stayed there, unchanged.",
    )


def test_a_chat_without_an_id_that_grows_is_said_to_become_a_second_one(library: Library, tmp_path: Path) -> None:
    nothing: dict[str, object] = {"id": None, "conversation_id": None}
    messages = [chatgpt_message(f"node-{n}", "user", f"Message {n}") for n in range(3)]
    path = tmp_path / "export.json"
    first = library.import_chats(path, chatgpt_chain("x", messages[:2], **nothing))
    assert first.without_id == 1
    assert "1 chat had no id in the file" in first.notes[0]
    assert library.import_chats(path, chatgpt_chain("x", messages[:2], **nothing)).without_id == 0
    assert library.import_chats(path, chatgpt_chain("x", messages, **nothing)).without_id == 1
    assert library.count("chats") == 2
    assert library.import_chats(path, chatgpt_chain("named", messages)).without_id == 0
