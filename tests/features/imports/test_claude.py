"""Conversations of Claude: the tree, blocks, artifacts, files and older forms."""

import json
import random
from collections.abc import Mapping
from typing import cast

import pytest

from chatsynth.features.imports.canonical import (
    Artifact,
    Audio,
    Citation,
    Conversation,
    Error,
    File,
    Image,
    Message,
    Part,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
)
from chatsynth.features.imports.claude import count_messages, read_conversation
from chatsynth.features.imports.message_body import Overgrown
from tests.features.imports.exports import (
    CLAUDE_ROOT,
    JsonDict,
    claude_chat,
    claude_conversation,
    claude_message,
    claude_text,
)

PLACEHOLDER = "```\nThis block is not supported on your current device yet.\n```"


def read(source: Mapping[str, object]) -> Conversation:
    """Reads a conversation through JSON, as an importer does, and checks that no message is missing."""
    conversation = read_conversation(cast("JsonDict", json.loads(json.dumps(source))), b"{}")
    assert len(conversation.messages) == count_messages(source)
    return conversation


def read_one(content: object, sender: str = "assistant", **fields: object) -> Message:
    return read(claude_chat("c", [claude_message("m", sender, content, **fields)])).messages[0]


def links(conversation: Conversation) -> list[tuple[str, str | None]]:
    return [(message.source_id, message.parent) for message in conversation.messages]


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


# Artifacts --------------------------------------------------------------------------------------


def artifact(command: str, **fields: object) -> JsonDict:
    given = {"id": "page", "command": command, "version_uuid": "v"} | fields
    return {"type": "tool_use", "name": "artifacts", "input": given, "id": "toolu"}


def artifacts(conversation: Conversation) -> list[tuple[str, Part]]:
    return [(m.source_id, part) for m in conversation.messages for part in m.parts]


def test_each_artifact_shows_its_text_of_that_moment() -> None:
    blocks = [
        artifact("create", type="application/vnd.ant.react", title="Page", content="a a"),
        artifact("update", old_str="a", new_str="b"),
        artifact("update", old_str="a", new_str="c\r\n"),
        artifact("rewrite", content="new", title="Better"),
    ]
    conversation = read(
        claude_chat("c", [claude_message(str(n), "assistant", [block]) for n, block in enumerate(blocks)])
    )
    kind = "application/vnd.ant.react"
    assert artifacts(conversation) == [
        ("0", Artifact(0, "Page", kind, "a a")),
        ("1", Artifact(0, "Page", kind, "b a")),
        ("2", Artifact(0, "Page", kind, "b c\n")),
        ("3", Artifact(0, "Better", kind, "new")),
    ]


def test_branches_have_their_own_versions() -> None:
    messages = [
        claude_message("a", "assistant", [artifact("create", type="t", title="P", content="base")], CLAUDE_ROOT),
        claude_message("b1", "assistant", [artifact("update", old_str="base", new_str="left")], "a"),
        claude_message("b2", "assistant", [artifact("update", old_str="base", new_str="right")], "a"),
        claude_message("c1", "assistant", [artifact("update", old_str="left", new_str="left 2")], "b1"),
        claude_message("root2", "assistant", [artifact("update", old_str="base", new_str="x")], CLAUDE_ROOT),
    ]
    texts = dict(artifacts(read(claude_chat("c", messages))))
    assert {key: part.text for key, part in texts.items() if isinstance(part, Artifact)} == {
        "a": "base",
        "b1": "left",
        "b2": "right",
        "c1": "left 2",
    }
    assert isinstance(texts["root2"], ToolCall)


def test_a_command_that_does_not_fit_is_shown_as_it_is() -> None:
    for block in (
        artifact("update", old_str="x", new_str="y"),
        artifact("update", content=3),
        artifact("create"),
        {"type": "tool_use", "name": "artifacts", "input": "text"},
    ):
        (part,) = read_one([block]).parts
        assert isinstance(part, ToolCall)
        assert part.name == "artifacts"


def test_versions_without_end_do_not_fill_the_memory() -> None:
    blocks = [artifact("create", content="x" * 1_000_000)] + [artifact("update", old_str="x", new_str="xy")] * 1000
    parts = read_one(blocks).parts
    assert len(parts) == 1001
    assert 100_000_000 < sum(len(part.text) for part in parts if isinstance(part, Artifact)) < 200_000_000
    assert isinstance(parts[-1], ToolCall)


def test_a_conversation_that_outgrows_its_export_is_refused() -> None:
    content = [{"type": "create", "content": "x"}, *({"type": "text", "text": "x" * 3_000_000} for _ in range(100))]
    block = {"type": "tool_result", "content": content}
    with pytest.raises(Overgrown):
        read_conversation(claude_chat("c", [claude_message("m", "assistant", [block])]), b"{}")


def test_updates_that_never_fit_do_not_search_without_end() -> None:
    blocks = [artifact("create", content="x" * 1_000_000)] + [artifact("update", old_str="xz", new_str="y")] * 20_000
    assert len(read_one(blocks).parts) == 20_001


def test_generated_conversations_are_complete_and_known() -> None:
    rng = random.Random(5)
    for with_parents in (True, False) * 10:
        source = claude_conversation(rng, turns=20, with_parents=with_parents)
        conversation = read(source)
        assert not conversation.unknown
        given = [message["uuid"] for message in cast("list[JsonDict]", source["chat_messages"])]
        assert links(conversation) == list(zip(given, [None, *given], strict=False))
        assert not any(message.hidden for message in conversation.messages)


# A whole chat of each kind ----------------------------------------------------------------------


def use(tool: str, **given: object) -> JsonDict:
    return {
        "type": "tool_use",
        "id": "toolu_1",
        "name": tool,
        "input": given,
        "message": None,
        "integration_name": None,
    }


def result(tool: str, *content: JsonDict, failed: bool = False) -> JsonDict:
    return {"type": "tool_result", "tool_use_id": "toolu_1", "name": tool, "content": [*content], "is_error": failed}


def test_files_that_claude_writes_are_documents() -> None:
    path = "/home/claude/plan.md"
    message = read_one(
        [
            use("create_file", path=path, file_text="# Plan\nEat", description="A plan"),
            result("create_file", {"type": "text", "text": "File created"}),
            use("str_replace", path=path, old_str="Eat", new_str="Sleep", description="Better"),
            use("str_replace", path="/elsewhere", old_str="Eat", new_str="Sleep"),
            use("create_file", path="/tmp/a.py", file_text=None),
            use("create_file", path="/tmp/a.py", file_text="x = 1"),
            use("bash_tool", command="ls", description="Look"),
            use("present_files", filepaths=[path]),
        ]
    )
    assert message.parts == (
        Artifact(0, "plan.md", "text/markdown", "# Plan\nEat"),
        ToolResult(0, "File created", name="create_file"),
        Artifact(0, "plan.md", "text/markdown", "# Plan\nSleep"),
        ToolCall(0, "str_replace", '{"path":"/elsewhere","old_str":"Eat","new_str":"Sleep"}', "json"),
        ToolCall(0, "create_file", '{"path":"/tmp/a.py","file_text":null}', "json"),
        Artifact(0, "a.py", "code/py", "x = 1"),
        ToolCall(0, "bash_tool", "ls", "bash"),
        ToolCall(0, "present_files", '{"filepaths":["/home/claude/plan.md"]}', "json"),
    )


def test_a_research_of_claude_has_its_thinking_searches_and_sources() -> None:
    page: JsonDict = {
        "type": "knowledge",
        "title": "Moon",
        "url": "https://moon.example",
        "text": "Twice",
        "metadata": {},
    }
    citation = {
        "uuid": "x",
        "start_index": 0,
        "end_index": 11,
        "details": {"type": "web_search_citation", "url": page["url"]},
    }
    message = read_one(
        [
            {"type": "thinking", "thinking": "Look it up.", "summaries": [{"summary": "Looking"}], "cut_off": False},
            use("web_search", query="tides"),
            result("web_search", page),
            claude_text("Twice a day, because of the moon.", citations=[citation]),
            use("web_fetch", url="https://gone.example"),
            result("web_fetch", {"type": "text", "text": "404"}, failed=True),
            claude_text("The other page is gone."),
        ]
    )
    assert message.text == "Twice a day, because of the moon.\n\nThe other page is gone."
    assert message.parts == (
        Thinking(0, "Look it up.", summary="Looking"),
        ToolCall(0, "web_search", '{"query":"tides"}', "json"),
        ToolResult(0, "Moon\nhttps://moon.example\nTwice", name="web_search"),
        Citation(11, "Moon", "https://moon.example", ""),
        ToolCall(33, "web_fetch", '{"url":"https://gone.example"}', "json"),
        ToolResult(33, "404", name="web_fetch", is_error=True),
    )


def test_a_chat_of_a_project_with_branches_from_the_all_zero_root() -> None:
    nowhere = CLAUDE_ROOT
    messages = [
        claude_message("q", "human", "Read this", nowhere)
        | {
            "attachments": [{"file_name": "", "file_size": 4, "file_type": "txt", "extracted_content": "Once upon"}],
            "files": [{"file_uuid": "f", "file_name": "chart.png"}],
            "files_v2": [{"file_kind": "image", "file_uuid": "f", "file_name": "chart.png"}],
        },
        claude_message("a1", "assistant", "One", "q"),
        claude_message("a2", "assistant", "Two", "q"),
        claude_message("q2", "human", "Again", nowhere),
    ]
    conversation = read(claude_chat("c", messages, project={"uuid": "p", "name": "Reading"}))
    assert links(conversation) == [("q", None), ("a1", "q"), ("a2", "q"), ("q2", None)]
    assert conversation.messages[0].parts == (
        File(0, "Pasted text", size=4, mime_type="txt", text="Once upon"),
        Image(0, "chart.png", ""),
    )
    assert not conversation.unknown
