"""What becomes of a conversation in the database: rows, tree, parts, sources and log entries."""

import json
from pathlib import Path

from chatsynth.features.imports.limits import Limits
from tests.features.imports.exports import (
    CLAUDE_ROOT,
    chatgpt_chain,
    chatgpt_export,
    chatgpt_message,
    chatgpt_tree,
    claude_chat,
    claude_export,
    claude_message,
    claude_text,
)
from tests.features.imports.importing import Library, assert_adds_up, counts, texts


def test_every_message_of_an_export_is_there(library: Library, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "export.zip", conversations=30, layout="shards", shard_size=7)
    report = library.import_file(made.path)
    assert report.platform == "chatgpt"
    assert report.conversations == counts(found=30, imported=30)
    assert report.messages == counts(found=made.messages, imported=made.messages)
    assert library.count("chats") == 30
    assert library.count("messages") == made.messages
    assert library.count("chat_sources") == 30
    assert library.column("SELECT sum(message_count) FROM chats") == [made.messages]


def test_a_claude_export_is_imported_too(library: Library, tmp_path: Path) -> None:
    made = claude_export(tmp_path / "export.zip", conversations=12)
    report = library.import_file(made.path)
    assert report.platform == "claude"
    assert report.messages == counts(found=made.messages, imported=made.messages)
    assert set(library.column("SELECT platform FROM chats")) == {"claude"}


def test_a_chat_reads_as_its_active_branch_with_alternatives(library: Library, tmp_path: Path) -> None:
    tree = chatgpt_tree(
        "c1",
        [
            (None, chatgpt_message("q", "user", "Why?")),
            ("q", chatgpt_message("a1", "assistant", "First answer.")),
            ("q", chatgpt_message("a2", "assistant", "Second answer.")),
            ("a1", chatgpt_message("q2", "user", "And then?")),
        ],
        current_node="q2",
        title="Two answers",
    )
    library.import_chats(tmp_path / "export.json", tree)
    chat = library.chat("c1")
    assert chat.title == "Two answers"
    assert texts(chat) == ["Why?", "First answer.", "And then?"]
    assert len(chat.messages[1].siblings) == 2
    assert chat.messages[1].siblings[0] == chat.messages[1].id, "siblings are in the order of the export"


def test_times_archive_and_hidden_messages_are_those_of_the_source(library: Library, tmp_path: Path) -> None:
    hidden = chatgpt_message("s", "system", "", metadata={"is_visually_hidden_from_conversation": True})
    chain = chatgpt_chain(
        "c1",
        [hidden, chatgpt_message("q", "user", "Hello", create_time=1_700_000_100.5)],
        create_time=1_700_000_000,
        update_time=1_700_000_200.25,
        is_archived=True,
    )
    library.import_chats(tmp_path / "export.json", chain)
    chat = library.chat("c1")
    assert (chat.created_at, chat.updated_at) == (1_700_000_000_000, 1_700_000_200_250)
    assert chat.archived_at is not None
    assert [message.hidden for message in chat.messages] == [True, False]
    assert chat.messages[1].created_at == 1_700_000_100_500


def test_parts_are_readable_and_unknown_content_is_kept_and_counted(library: Library, tmp_path: Path) -> None:
    deep: object = "bottom"
    for _ in range(150):
        deep = [deep]
    strange = chatgpt_message("x", "assistant", {"content_type": "hologram", "beams": deep, "power": float("inf")})
    report = library.import_chats(
        tmp_path / "export.json", chatgpt_chain("c1", [chatgpt_message("q", "user", "Show me"), strange])
    )
    assert report.unknown_content == {"hologram": 1}
    (part,) = library.chat("c1").messages[1].parts
    assert (part.type, part.kind) == ("unknown", "hologram")


def test_the_source_is_kept_as_it_came(library: Library, tmp_path: Path) -> None:
    message = chatgpt_message("q", "user", "Hello", nobody_knows_this={"a": [1]})
    chat = chatgpt_chain("c1", [message], safe_urls=["https://example.org"])
    library.import_chats(tmp_path / "export.json", chat)
    assert library.sources("c1") == [chat]


def test_imported_messages_are_found_by_search(library: Library, tmp_path: Path) -> None:
    chain = chatgpt_chain("c1", [chatgpt_message("q", "user", "The xylophone is out of tune")], title="Zither")
    library.import_chats(tmp_path / "export.json", chain)
    assert library.column("SELECT rowid FROM messages_fts WHERE messages_fts MATCH 'xylophone'") == [1]
    assert library.column("SELECT rowid FROM chats_fts WHERE chats_fts MATCH 'zither'") == [1]


def test_a_new_chat_begins_its_log_and_appears_in_the_list_of_its_owner(library: Library, tmp_path: Path) -> None:
    library.import_chats(tmp_path / "export.json", chatgpt_chain("c1", [chatgpt_message("q", "user", "Hello")]))
    chat = library.chat("c1")
    assert chat.offset == 1
    assert chat.epoch
    assert [(entry[0], entry[1], entry[3]) for entry in library.entries(chat.id)] == [
        (1, "chat_created", library.user_id)
    ]
    (listed,) = library.listed()
    (summary,) = json.loads(str(listed))["chats"]
    assert summary["id"] == chat.id
    assert (summary["role"], summary["ownerName"], summary["messageCount"]) == ("owner", "Ann", 1)


def test_a_chat_of_ten_thousand_messages_is_imported_in_several_transactions(library: Library, tmp_path: Path) -> None:
    messages = [chatgpt_message(f"m{index}", "user", f"Message {index}") for index in range(10_000)]
    library.import_chats(tmp_path / "export.json", chatgpt_chain("c1", messages))
    (leaf, count) = library.rows("SELECT active_leaf_id, message_count FROM chats")[0]
    assert count == 10_000
    assert library.column("SELECT source_id FROM messages WHERE id = ?", leaf) == ["m9999"]
    assert library.column("SELECT count(*) FROM messages WHERE parent_id IS NULL") == [1]
    kinds = [entry[1] for entry in library.entries(library.chat("c1").id)]
    assert kinds[0] == "chat_created"
    assert set(kinds[1:]) == {"messages_imported"}, "who opened the chat meanwhile loads it again"


def test_skipped_conversations_are_counted_with_reason_and_examples(library: Library, tmp_path: Path) -> None:
    good = chatgpt_chain("good", [chatgpt_message("q", "user", "Hello")])
    large = chatgpt_chain(
        "large", [chatgpt_message(f"l{index}", "user", "x" * 10_000) for index in range(3)], title="So large"
    )
    project = {"id": "p", "title": "A project", "create_time": 1.0}
    empty = chatgpt_tree("empty", [], title="Nothing in it")
    path = tmp_path / "export.json"
    path.write_text(json.dumps([good, large, empty, project]))
    report = library.import_file(path, Limits(max_conversation_bytes=20_000))
    assert report.conversations == counts(found=4, imported=1, skipped=3)
    assert {skip.reason for skip in report.skips} >= {"too-large", "empty"}
    assert any("Nothing in it" in example for skip in report.skips for example in skip.examples)


def test_a_report_adds_up_when_contents_are_unknown(library: Library, tmp_path: Path) -> None:
    chats = [
        chatgpt_chain(
            f"c{index}",
            [
                chatgpt_message(f"q{index}", "user", "Hi"),
                chatgpt_message(f"x{index}", "assistant", {"content_type": f"kind {index}", "n": index}),
            ],
        )
        for index in range(150)
    ]
    report = library.import_chats(tmp_path / "export.json", *chats)
    assert report.messages == counts(found=300, imported=300)
    assert sum(report.unknown_content.values()) == 150
    assert len(report.unknown_content) <= 101, "a hostile export cannot make the report grow without end"


def test_a_file_with_nothing_to_import_is_a_failure_with_a_sentence(library: Library, tmp_path: Path) -> None:
    report = library.import_chats(tmp_path / "export.json", chatgpt_tree("empty", []))
    assert report.error
    assert report.conversations == counts(found=1, skipped=1)


def test_orphans_become_roots(library: Library, tmp_path: Path) -> None:
    messages = [
        claude_message("m1", "human", [claude_text("One")], CLAUDE_ROOT),
        claude_message("m2", "assistant", [claude_text("Two")], "gone"),
    ]
    library.import_chats(tmp_path / "export.json", claude_chat("c1", messages))
    assert library.column("SELECT count(*) FROM messages WHERE parent_id IS NULL") == [2]


def test_two_forms_of_one_chat_in_an_export_are_joined(library: Library, tmp_path: Path) -> None:
    first = chatgpt_chain("c1", [chatgpt_message("q", "user", "Hello")], update_time=1_700_000_000)
    newer = chatgpt_chain(
        "c1",
        [chatgpt_message("q", "user", "Hello!"), chatgpt_message("a", "assistant", "Hi.")],
        update_time=1_700_000_100,
    )
    report = library.import_chats(tmp_path / "export.json", first, newer)
    assert report.conversations == counts(found=2, imported=1, updated=1)
    assert_adds_up(report)
    assert texts(library.chat("c1")) == ["Hello!", "Hi."]
