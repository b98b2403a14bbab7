"""Conversations of Claude: the tree, blocks, files and older forms."""

import random
from typing import cast

import pytest

from chatsynth.features.imports.canonical import (
    Audio,
    Citation,
    Error,
    File,
    Image,
    Part,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
)
from tests.features.imports.conversations import links
from tests.features.imports.conversations import message_of_claude as read_one
from tests.features.imports.conversations import read_claude as read
from tests.features.imports.exports import (
    CLAUDE_ROOT,
    JsonDict,
    claude_chat,
    claude_conversation,
    claude_message,
    claude_text,
)

PLACEHOLDER = "```\nThis block is not supported on your current device yet.\n```"


# The conversation and its tree ------------------------------------------------------------------


def test_a_conversation_is_read_with_its_name_times_and_ids() -> None:
    messages = [claude_message("u", "human", "Hi", CLAUDE_ROOT), claude_message("a", "assistant", "Hello", "u")]
    conversation = read(claude_chat("c-1", messages, name="Greeting", created_at="2025-01-01T00:00:00.000001+00:00"))
    assert (conversation.platform, conversation.source_id, conversation.title) == ("claude", "c-1", "Greeting")
    assert conversation.created_at == 1_735_689_600_000
    assert links(conversation) == [("u", None), ("a", "u")]
    assert [(m.role, m.text, m.hidden, m.model) for m in conversation.messages] == [
        ("user", "Hi", False, None),
        ("assistant", "Hello", False, None),
    ]
    assert conversation.active_leaf == "a"


def test_an_empty_name_is_replaced_by_the_first_question() -> None:
    assert read(claude_chat("c", [claude_message("u", "human", "What is Go?")], name="")).title == "What is Go?"


def test_older_exports_are_a_line() -> None:
    messages = [claude_message(letter, "human", letter) for letter in "abc"]
    conversation = read(claude_chat("c", messages))
    assert links(conversation) == [("a", None), ("b", "a"), ("c", "b")]
    assert conversation.active_leaf == "c"


def test_the_newest_leaf_is_active() -> None:
    messages = [
        claude_message("u", "human", "Hi", CLAUDE_ROOT, created_at="2025-01-01T00:00:00Z"),
        claude_message("a1", "assistant", "1", "u", created_at="2025-01-01T00:02:00Z"),
        claude_message("a2", "assistant", "2", "u", created_at="2025-01-01T00:01:00Z"),
    ]
    conversation = read(claude_chat("c", messages))
    assert links(conversation) == [("u", None), ("a1", "u"), ("a2", "u")]
    assert conversation.active_leaf == "a1"


def test_a_capture_of_the_api_says_which_leaf_is_current_and_which_model_answers() -> None:
    messages = [
        claude_message("u", "human", "Hi", CLAUDE_ROOT, text=""),
        claude_message("a1", "assistant", "1", "u", text=""),
        claude_message("a2", "assistant", "2", "u", text="", model="other"),
    ]
    conversation = read(claude_chat("c", messages, current_leaf_message_uuid="a1", model="claude-opus-4"))
    assert conversation.active_leaf == "a1"
    assert [(m.text, m.model) for m in conversation.messages] == [("Hi", None), ("1", "claude-opus-4"), ("2", "other")]


def test_messages_out_of_order_orphans_and_circles_find_their_place() -> None:
    messages = [
        claude_message("b", "assistant", "b", "a"),
        claude_message("a", "human", "a", CLAUDE_ROOT),
        claude_message("orphan", "human", "o", "gone"),
        claude_message("x", "human", "x", "y"),
        claude_message("y", "human", "y", "x"),
        claude_message("self", "human", "s", "self"),
    ]
    assert links(read(claude_chat("c", messages))) == [
        ("a", None),
        ("b", "a"),
        ("orphan", None),
        ("self", None),
        ("x", None),
        ("y", "x"),
    ]


def test_a_message_that_names_no_parent_among_others_that_do_follows_the_one_before() -> None:
    messages = [
        claude_message("a", "human", "a", CLAUDE_ROOT),
        claude_message("b", "assistant", "b"),
        claude_message("d", "human", "d", None, parent_message_uuid=None),
    ]
    assert links(read(claude_chat("c", messages))) == [("a", None), ("b", "a"), ("d", "b")]


def test_messages_with_one_id_or_none_are_told_apart() -> None:
    messages = [claude_message(one, "human", one) for one in ("a", "a", "", "b")]
    conversation = read(claude_chat("c", messages))
    assert [m.source_id for m in conversation.messages] == ["a", "a#2", "message#2", "b"]


@pytest.mark.parametrize("entry", [None, "text", 3, [], {}])
def test_what_is_no_message_is_kept_hidden_and_counted(entry: object) -> None:
    conversation = read(claude_chat("c", [cast("JsonDict", entry), claude_message("a", "human", "Hi")]))
    first, second = conversation.messages
    assert first.hidden
    assert conversation.unknown == {"message": 1, "messages without a role": 1}
    assert second.text == "Hi"


# Content ----------------------------------------------------------------------------------------


def test_blocks_are_read_and_the_repeating_text_is_not() -> None:
    blocks = [
        claude_text("First 😀"),
        {"type": "tool_use", "name": "search", "input": {"q": 1}},
        {"type": "tool_result", "name": "search", "content": [{"type": "text", "text": "found"}], "is_error": False},
        claude_text("Second"),
    ]
    message = read_one(blocks, text=f"First 😀\n\n{PLACEHOLDER}\n\nSecond")
    assert message.text == "First 😀\n\nSecond"
    assert message.parts == (ToolCall(8, "search", '{"q":1}', "json"), ToolResult(8, "found", name="search"))


def test_without_content_the_text_counts() -> None:
    nothing: list[object] = [None, [], [claude_text("")], {}]
    for content in nothing:
        assert read_one(content, text="Old\r\nform").text == "Old\nform"
    plain = claude_message("m", "human", []) | {"content": "A plain string"}
    assert read(claude_chat("c", [plain])).messages[0].text == "A plain string"
    assert read_one([{"type": "thinking", "thinking": "hm"}], text=PLACEHOLDER).text == ""


def test_a_message_without_anything_is_kept_hidden() -> None:
    message = read_one([], "human")
    assert message.hidden
    assert (message.text, message.parts) == ("", ())


def test_thinking_keeps_its_summaries() -> None:
    block = {
        "type": "thinking",
        "thinking": "Let me see",
        "summaries": [{"summary": "Looking."}, {"summary": "Found."}],
        "cut_off": False,
    }
    message = read_one([block, claude_text("Yes")])
    assert message.parts == (Thinking(0, "Let me see", summary="Looking.\n\nFound."),)
    assert not message.hidden


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"type": "tool_use", "name": "repl", "input": {"code": "1+1"}}, ToolCall(0, "repl", "1+1", "javascript")),
        (
            {"type": "tool_use", "name": "bash_tool", "input": {"command": "ls", "description": "List"}},
            ToolCall(0, "bash_tool", "ls", "bash"),
        ),
        ({"type": "tool_use", "name": "x", "input": {"b": "ü"}}, ToolCall(0, "x", '{"b":"ü"}', "json")),
        ({"type": "tool_use", "name": "x", "input": {}, "message": "Searching"}, ToolCall(0, "x", "Searching")),
        ({"type": "tool_use"}, ToolCall(0, "tool", "")),
        ({"type": "tool_result", "content": "plain", "is_error": True}, ToolResult(0, "plain", is_error=True)),
        ({"type": "tool_result", "content": None, "display_content": {"text": "shown"}}, ToolResult(0, "shown")),
        ({"type": "tool_result", "name": "n"}, ToolResult(0, "", name="n")),
        (
            {
                "type": "tool_result",
                "name": "web_search",
                "content": [
                    {"type": "knowledge", "title": "T", "url": "https://a", "text": "t"},
                    {"type": "text", "text": "2"},
                ],
            },
            ToolResult(0, "T\nhttps://a\nt\n\n2", name="web_search"),
        ),
        ({"type": "voice_note", "title": "Note", "text": "Said"}, Audio(0, "Note", "Said")),
        ({"type": "image", "file_uuid": "f"}, Image(0, "f", "")),
        ({"type": "error", "message": "Overloaded"}, Error(0, "error", "Overloaded")),
        ({"type": "hologram", "a": 1}, Unknown(0, "block: hologram", {"type": "hologram", "a": 1})),
        (7, Unknown(0, "block: int", 7)),
    ],
)
def test_kinds_of_blocks(block: object, expected: Part) -> None:
    assert read_one([block]).parts == (expected,)


def test_images_and_files_in_results_are_parts() -> None:
    content = [
        {"type": "text", "text": "Made two"},
        {"type": "image", "file_uuid": "i"},
        {"type": "local_resource", "file_path": "/out/a.csv", "name": "a.csv", "mime_type": "text/csv"},
        {"type": "hologram"},
    ]
    conversation = read(
        claude_chat("c", [claude_message("m", "assistant", [{"type": "tool_result", "content": content}])])
    )
    assert conversation.messages[0].parts == (
        ToolResult(0, "Made two"),
        Image(0, "i", ""),
        File(0, "a.csv", mime_type="text/csv"),
        Unknown(0, "tool result: hologram", {"type": "hologram"}),
    )
    assert conversation.unknown == {"tool result: hologram": 1}


def test_bookkeeping_is_only_counted() -> None:
    blocks = [{"type": "token_budget", "remaining": None}, claude_text("x"), {"type": "flag"}, {"type": "flag"}]
    conversation = read(claude_chat("c", [claude_message("m", "assistant", blocks)]))
    assert conversation.messages[0].parts == ()
    assert conversation.unknown == {"token_budget": 1, "flag": 2}


def test_citations_stand_at_the_end_of_what_they_back() -> None:
    written = "😀 Rain.\r\nWind. End"
    citations = [
        {
            "uuid": "2",
            "start_index": 10,
            "end_index": written.index(" End"),
            "details": {"type": "x", "url": "https://b"},
        },
        {"uuid": "1", "start_index": 0, "end_index": written.index("\r"), "details": {"type": "x", "url": "https://a"}},
        {"uuid": "3", "start_index": 0, "end_index": 10**9, "title": "Late", "url": "https://z"},
        {"uuid": "4", "start_index": 0, "end_index": 3, "details": {}},
    ]
    found = [{"type": "knowledge", "title": "Page A", "url": "https://a", "text": "…"}]
    message = read_one(
        [{"type": "tool_result", "content": found}, claude_text("😀"), claude_text(written, citations=citations)]
    )
    assert message.text == "😀\n\n😀 Rain.\nWind. End"
    cited = [part for part in message.parts if isinstance(part, Citation)]
    in_utf16 = message.text.encode("utf-16-le")
    assert [(in_utf16[: 2 * part.at].decode("utf-16-le"), part.title, part.url) for part in cited] == [
        ("😀\n\n😀 Rain.", "Page A", "https://a"),
        ("😀\n\n😀 Rain.\nWind.", "https://b", "https://b"),
        ("😀\n\n😀 Rain.\nWind. End", "Late", "https://z"),
    ]


def test_attachments_and_files_are_parts() -> None:
    message = read_one(
        "Read this",
        "human",
        attachments=[
            {"file_name": "a.txt", "file_size": 5, "file_type": "txt", "extracted_content": "Content\r\n"},
            {"file_name": "", "file_size": 9, "file_type": "txt", "extracted_content": "Pasted"},
            None,
        ],
        files=[
            {"file_uuid": "1", "file_name": "Photo.PNG"},
            {"file_name": "b.pdf"},
            {"file_kind": "image", "uuid": "2"},
            {},
        ],
    )
    assert message.parts == (
        File(0, "a.txt", size=5, mime_type="txt", text="Content\n"),
        File(0, "Pasted text", size=9, mime_type="txt", text="Pasted"),
        Image(0, "Photo.PNG", ""),
        File(0, "b.pdf"),
        Image(0, "2", ""),
    )
    assert message.text == "Read this"


def test_a_message_of_files_only_still_has_its_old_text() -> None:
    assert read_one([], "human", text="See file", files=[{"file_name": "b.pdf"}]).text == "See file"


def test_generated_conversations_are_complete_and_known() -> None:
    rng = random.Random(5)
    for with_parents in (True, False) * 10:
        source = claude_conversation(rng, turns=20, with_parents=with_parents)
        conversation = read(source)
        assert not conversation.unknown
        given = [message["uuid"] for message in cast("list[JsonDict]", source["chat_messages"])]
        assert links(conversation) == list(zip(given, [None, *given], strict=False))
        assert not any(message.hidden for message in conversation.messages)
