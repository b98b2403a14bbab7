"""Importing what is in the library already: nothing twice, and what a person did here stays."""

import json
from pathlib import Path

import pytest

from chatsynth.changes import ChangeSet, Text, apply
from chatsynth.features.chats import lifecycle, structure
from chatsynth.features.chats.editing import edit_with_changes, edit_with_content
from chatsynth.features.chats.wire import NewMessage
from tests.features.imports.exports import JsonDict, chatgpt_chain, chatgpt_export, chatgpt_message, chatgpt_tree
from tests.features.imports.importing import Library, counts, texts

HELLO = chatgpt_message("q", "user", "Hello")
HI = chatgpt_message("a", "assistant", "Hi.")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.json"


def chat(*messages: JsonDict, title: str = "A chat") -> JsonDict:
    return chatgpt_chain("c1", messages, title=title)


def edit(library: Library, index: int, text: str) -> None:
    known = library.chat("c1")
    access = library.access(known.id)
    library.context.writer.run(
        lambda unit: edit_with_content(unit, access, known.messages[index].id, None, text, library.by)
    )


def test_the_same_file_again_changes_nothing_at_all(library: Library, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "export.zip", conversations=20)
    library.import_file(made.path)
    before = library.contents()
    report = library.import_file(made.path)
    assert report.conversations == counts(found=20, unchanged=20)
    assert report.messages == counts(found=made.messages, unchanged=made.messages)
    assert library.contents() == before


def test_new_messages_go_on_with_the_branch_that_is_shown(library: Library, path: Path) -> None:
    library.import_chats(path, chat(HELLO, HI))
    report = library.import_chats(path, chat(HELLO, HI, chatgpt_message("q2", "user", "And you?")))
    assert report.conversations == counts(found=1, updated=1)
    assert report.messages == counts(found=3, imported=1, unchanged=2)
    known = library.chat("c1")
    assert texts(known) == ["Hello", "Hi.", "And you?"]
    assert library.column("SELECT message_count FROM chats") == [3]
    _, kind, body, _ = library.entries(known.id)[-1]
    assert kind == "messages_imported"
    assert json.loads(str(body)) == {"type": "messages_imported", "added": 1, "updated": 0}
    assert json.loads(str(library.listed()[-1]))["chats"][0]["messageCount"] == 3


def test_a_message_that_changed_in_the_source_is_updated_by_a_logged_change(library: Library, path: Path) -> None:
    library.import_chats(path, chat(HELLO, HI))
    before = library.chat("c1")
    changed = chatgpt_message("a", "assistant", "Hi there! 🎉", metadata={"model_slug": "gpt-6"})
    report = library.import_chats(path, chat(HELLO, changed))
    assert report.messages == counts(found=2, updated=1, unchanged=1)
    now = library.chat("c1")
    assert texts(now) == ["Hello", "Hi there! 🎉"]
    assert (now.messages[1].model, now.messages[1].edited_at) == ("gpt-6", None)
    changes = [json.loads(str(body)) for _, kind, body, _ in library.entries(now.id) if kind == "chat_updated"]
    text = Text.of(before.messages[1].content)
    for change in changes:
        text = apply(ChangeSet.from_json(change["chat"]["changes"]), text)
    assert str(text) == now.messages[1].content, "old text and entries give the new text"


def test_an_edit_that_was_on_its_way_is_rebased_over_an_update(library: Library, path: Path) -> None:
    library.import_chats(path, chat(HELLO, HI))
    known = library.chat("c1")
    library.import_chats(path, chat(HELLO, chatgpt_message("a", "assistant", "Oh, hi.")))
    access = library.access(known.id)
    library.context.writer.run(
        lambda unit: edit_with_changes(unit, access, known.messages[1].id, known.offset, [3, [0, " Bye."]], library.by)
    )
    assert texts(library.chat("c1"))[1] == "Oh, hi. Bye."


def test_a_local_edit_stays(library: Library, path: Path) -> None:
    library.import_chats(path, chat(HELLO, HI))
    edit(library, 1, "Hi, my own words.")
    report = library.import_chats(path, chat(HELLO, chatgpt_message("a", "assistant", "Hi there!")))
    assert report.messages == counts(found=2, unchanged=2)
    assert report.kept_edits == 1
    assert texts(library.chat("c1")) == ["Hello", "Hi, my own words."]


def test_a_removed_message_stays_removed(library: Library, path: Path) -> None:
    library.import_chats(path, chat(HELLO, HI))
    known = library.chat("c1")
    access = library.access(known.id)
    library.context.writer.run(lambda unit: structure.remove(unit, access, known.messages[1].id, library.by))
    report = library.import_chats(path, chat(HELLO, chatgpt_message("a", "assistant", "Hi there!")))
    assert report.messages == counts(found=2, unchanged=2)
    assert report.kept_removals == 1
    assert texts(library.chat("c1")) == ["Hello"]
    assert library.column("SELECT message_count FROM chats") == [1]


def test_a_chat_in_the_trash_stays_there_as_it_is(library: Library, path: Path) -> None:
    library.import_chats(path, chat(HELLO))
    known = library.chat("c1")
    access = library.access(known.id)
    library.context.writer.run(lambda unit: lifecycle.delete(unit, access, library.by))
    before = library.contents()
    report = library.import_chats(path, chat(HELLO, HI, title="New title"))
    assert report.conversations == counts(found=1, unchanged=1)
    assert report.messages == counts(found=2, unchanged=2)
    assert report.kept_in_trash == 1
    assert library.contents() == before


def test_a_local_title_stays_and_an_imported_one_follows_the_source(library: Library, path: Path) -> None:
    library.import_chats(path, chat(HELLO, title="First"))
    assert library.import_chats(path, chat(HELLO, title="Second")).conversations == counts(found=1, updated=1)
    assert library.chat("c1").title == "Second"
    library.import_chats(path, chat(HELLO, title="Third"))
    assert library.chat("c1").title == "Third", "a title that an import gave is still the source's"
    access = library.access(library.chat("c1").id)
    library.context.writer.run(lambda unit: lifecycle.retitle(unit, access, "Mine", library.by))
    report = library.import_chats(path, chat(HELLO, title="Fourth"))
    assert report.conversations == counts(found=1, unchanged=1)
    assert library.chat("c1").title == "Mine"


def test_a_branch_that_a_person_chose_stays(library: Library, path: Path) -> None:
    answers = [("q", chatgpt_message("a1", "assistant", "One.")), ("q", chatgpt_message("a2", "assistant", "Two."))]
    nodes = [(None, HELLO), *answers]
    library.import_chats(path, chatgpt_tree("c1", nodes))
    known = library.chat("c1")
    assert texts(known) == ["Hello", "Two."]
    access = library.access(known.id)
    first_answer = known.messages[1].siblings[0]
    library.context.writer.run(lambda unit: structure.select_branch(unit, access, first_answer, library.by))
    library.import_chats(path, chatgpt_tree("c1", [*nodes, ("a2", chatgpt_message("q2", "user", "More?"))]))
    assert texts(library.chat("c1")) == ["Hello", "One."]
    assert library.count("messages") == 4


def test_messages_added_here_stay_where_they_are(library: Library, path: Path) -> None:
    library.import_chats(path, chat(HELLO, HI))
    access = library.access(library.chat("c1").id)
    own = NewMessage(role="user", content="My own note")
    library.context.writer.run(lambda unit: structure.add_at_end(unit, access, own, library.by))
    library.import_chats(path, chat(HELLO, HI, chatgpt_message("q2", "user", "And you?")))
    assert texts(library.chat("c1")) == ["Hello", "Hi.", "My own note"]
    assert library.column("SELECT text FROM messages WHERE source_id = 'q2'") == ["And you?"]


def test_each_person_has_their_own_copy(library: Library, path: Path) -> None:
    library.import_chats(path, chat(HELLO, HI))
    library.context.writer.run(
        lambda unit: unit.db.exec_driver_sql(
            "INSERT INTO users (email, name, password_hash, is_admin, created_at) VALUES ('bob', 'Bob', '', 0, 1)"
        )
    )
    bob = Library(library.context, library.database, library.user_id + 1)
    assert bob.import_file(path).conversations == counts(found=1, imported=1)
    assert library.count("chats") == 2


def test_a_large_chat_goes_on_growing(library: Library, path: Path) -> None:
    messages = [chatgpt_message(f"m{index}", "user", f"Message {index}") for index in range(2000)]
    library.import_chats(path, chat(*messages[:1200]))
    report = library.import_chats(path, chat(*messages))
    assert report.messages == counts(found=2000, imported=800, unchanged=1200)
    assert report.conversations == counts(found=1, updated=1)
    (leaf,) = library.column("SELECT active_leaf_id FROM chats")
    assert library.column("SELECT source_id FROM messages WHERE id = ?", leaf) == ["m1999"]
    assert library.column("SELECT count(*) FROM messages WHERE parent_id IS NULL") == [1]


def test_the_source_of_a_chat_that_has_grown_replaces_the_one_before(library: Library, path: Path) -> None:
    grown = chat(HELLO, HI, chatgpt_message("q2", "user", "And you?"))
    for each in (chat(HELLO, HI), grown, grown):
        library.import_chats(path, each)
    assert library.sources("c1") == [grown]


def test_the_source_of_a_message_that_a_later_export_has_no_more_is_kept(library: Library, path: Path) -> None:
    first, later = chat(HELLO, HI), chat(HELLO, chatgpt_message("b", "assistant", "Hello again."))
    for each in (first, later):
        library.import_chats(path, each)
    assert library.sources("c1") == [first, later]


def test_what_a_later_export_hides_or_shows_is_followed(library: Library, path: Path) -> None:
    flag: JsonDict = {"metadata": {"is_visually_hidden_from_conversation": True}}
    library.import_chats(path, chat(HELLO, HI | flag))
    for message, hidden in ((HI, False), (HI | flag, True)):
        report = library.import_chats(path, chat(HELLO, message))
        assert report.messages == counts(found=2, updated=1, unchanged=1)
        assert [each.hidden for each in library.chat("c1").messages] == [False, hidden]
    edit(library, 1, "Hi there.")
    assert library.import_chats(path, chat(HELLO, HI)).kept_edits == 0
