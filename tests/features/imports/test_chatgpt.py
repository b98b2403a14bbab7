"""Conversations of ChatGPT: the tree, what is hidden, and what each kind of content becomes."""

import json
import random
from collections.abc import Mapping
from typing import cast

import pytest

from chatsynth.features.imports.canonical import (
    Artifact,
    Audio,
    Badge,
    Citation,
    Code,
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
from chatsynth.features.imports.chatgpt import count_messages, read_conversation
from tests.features.imports.exports import (
    JsonDict,
    chatgpt_chain,
    chatgpt_conversation,
    chatgpt_message,
    chatgpt_tree,
)


def read(source: Mapping[str, object]) -> Conversation:
    """Reads a conversation through JSON, as an importer does, and checks that no message is missing."""
    conversation = read_conversation(cast("JsonDict", json.loads(json.dumps(source))), b"{}")
    assert len(conversation.messages) == count_messages(source)
    return conversation


def read_one(role: str, content: object, **fields: object) -> Message:
    """The one message of a conversation."""
    return read(chatgpt_chain("c", [chatgpt_message("m", role, content, **fields)])).messages[0]


def by_tool(name: str) -> JsonDict:
    return {"role": "tool", "name": name, "metadata": {}}


def links(conversation: Conversation) -> list[tuple[str, str | None]]:
    return [(message.source_id, message.parent) for message in conversation.messages]


# The conversation -------------------------------------------------------------------------------


def test_a_conversation_is_read_with_its_titles_times_and_ids() -> None:
    source = chatgpt_chain(
        "c-1",
        [
            chatgpt_message("u", "user", "Hi"),
            chatgpt_message("a", "assistant", "Hello", metadata={"model_slug": "gpt-5"}),
        ],
        title="Greeting",
        create_time=1_700_000_000.5,
        update_time=1_700_000_100,
        is_archived=True,
    )
    conversation = read(source)
    assert (conversation.platform, conversation.source_id, conversation.title) == ("chatgpt", "c-1", "Greeting")
    assert (conversation.created_at, conversation.updated_at) == (1_700_000_000_500, 1_700_000_100_000)
    assert conversation.archived
    assert links(conversation) == [("u", None), ("a", "u")]
    assert [(m.role, m.text, m.model, m.hidden) for m in conversation.messages] == [
        ("user", "Hi", None, False),
        ("assistant", "Hello", "gpt-5", False),
    ]
    assert conversation.active_leaf == "a"
    assert not conversation.unknown


def test_the_hash_survives_another_export_of_the_same_chat() -> None:
    def exported(**metadata: object) -> str:
        fields: JsonDict = {"metadata": metadata, "update_time": metadata.get("request_id")}
        return read_one("assistant", "Hello", **fields).content_hash

    assert exported(request_id="1") == exported(request_id="2", timestamp_="absolute")
    assert exported() != read_one("assistant", "Hello!").content_hash


@pytest.mark.parametrize("ids", [{"id": "i", "conversation_id": "k"}, {"id": "k", "conversation_id": None}])
def test_the_conversation_id_names_the_chat(ids: JsonDict) -> None:
    assert read(chatgpt_chain("x", [chatgpt_message("m", "user", "a")], **ids)).source_id == "k"


NOTHING: JsonDict = {"id": None, "conversation_id": ""}
UNIQUE = "0b3c6a6e-2f1a-4c55-9d57-0c8f3f8f8f01"


def test_without_an_id_a_first_message_that_is_unique_in_the_world_names_the_chat() -> None:
    grown = [chatgpt_message(UNIQUE, "user", "a"), chatgpt_message("n", "assistant", "b")]
    before = read(chatgpt_chain("x", grown[:1], **NOTHING))
    assert read(chatgpt_chain("x", grown, **NOTHING)).source_id == before.source_id
    assert read(chatgpt_chain("x", [], **NOTHING)).source_id.startswith("content:")


def test_chats_without_ids_whose_messages_are_merely_numbered_stay_apart() -> None:
    one, other = ([chatgpt_message("node-1", "user", text)] for text in ("a", "b"))
    assert read(chatgpt_chain("x", one, **NOTHING)).source_id != read(chatgpt_chain("x", other, **NOTHING)).source_id
    assert read(chatgpt_chain("x", one, **NOTHING)).source_id == read(chatgpt_chain("x", one, **NOTHING)).source_id


def test_a_missing_title_comes_from_the_first_question() -> None:
    messages = [chatgpt_message("s", "system", ""), chatgpt_message("u", "user", "What  is\nGo?")]
    assert read(chatgpt_chain("c", messages, title=None)).title == "What is Go?"


# The tree ---------------------------------------------------------------------------------------


def test_branches_are_all_there_and_the_current_one_is_active() -> None:
    nodes: list[tuple[str | None, JsonDict]] = [
        (None, chatgpt_message("u", "user", "Hi")),
        ("u", chatgpt_message("a1", "assistant", "First")),
        ("u", chatgpt_message("a2", "assistant", "Second")),
        ("a1", chatgpt_message("u2", "user", "More")),
    ]
    conversation = read(chatgpt_tree("c", nodes, current_node="a2"))
    assert links(conversation) == [("u", None), ("a1", "u"), ("u2", "a1"), ("a2", "u")]
    assert conversation.active_leaf == "a2"


def mapping(nodes: Mapping[str, tuple[str | None, bool]], **children: list[str]) -> JsonDict:
    """A mapping of key -> (parent, whether it holds a message named after the key)."""
    return {
        key: {
            "id": key,
            "parent": parent,
            "children": children.get(key, []),
            "message": chatgpt_message(key, "user", key) if holds else None,
        }
        for key, (parent, holds) in nodes.items()
    }


def read_mapping(nodes: Mapping[str, tuple[str | None, bool]], **children: list[str]) -> Conversation:
    return read({"mapping": mapping(nodes, **children), "current_node": None, "id": "c"})


def test_parent_links_count_although_children_are_empty() -> None:
    assert links(read_mapping({"r": (None, False), "a": ("r", True), "b": ("a", True)})) == [("a", None), ("b", "a")]


def test_children_count_where_parent_links_are_missing() -> None:
    conversation = read_mapping({"r": (None, True), "a": (None, True), "b": (None, True)}, r=["b", "a"])
    assert links(conversation) == [("r", None), ("b", "r"), ("a", "r")]


def test_siblings_stand_as_their_parent_lists_them() -> None:
    conversation = read_mapping({"r": (None, True), "a": ("r", True), "b": ("r", True)}, r=["b", "a"])
    assert links(conversation) == [("r", None), ("b", "r"), ("a", "r")]


def test_empty_nodes_collapse_into_the_message_above() -> None:
    nodes = {"r": (None, False), "a": ("r", True), "x": ("a", False), "y": ("x", False), "b": ("y", True)}
    assert links(read_mapping(nodes)) == [("a", None), ("b", "a")]


def test_orphans_and_several_roots_are_roots() -> None:
    nodes = {"a": ("gone", True), "b": (None, True), "c": ("c", True), "d": ("a", True)}
    assert sorted(links(read_mapping(nodes))) == [("a", None), ("b", None), ("c", None), ("d", "a")]


def test_circles_are_opened() -> None:
    assert links(read_mapping({"a": ("b", True), "b": ("a", True), "c": ("b", True)})) == [
        ("a", None),
        ("b", "a"),
        ("c", "b"),
    ]


def test_current_node_may_be_an_empty_node_or_be_missing() -> None:
    source = {"mapping": mapping({"a": (None, True), "x": ("a", False), "b": ("x", True)}), "id": "c"}
    assert read(source | {"current_node": "x"}).active_leaf == "a"
    assert read(source | {"current_node": "gone"}).active_leaf == "b"
    assert read(source).active_leaf == "b"


def test_without_a_current_node_the_newest_leaf_is_active() -> None:
    nodes: list[tuple[str | None, JsonDict]] = [
        (None, chatgpt_message("u", "user", "Hi", create_time=1_700_000_000)),
        ("u", chatgpt_message("new", "assistant", "x", create_time=1_700_000_900)),
        ("u", chatgpt_message("old", "assistant", "y", create_time=1_700_000_100)),
    ]
    assert read(chatgpt_tree("c", nodes, current_node=None)).active_leaf == "new"


def test_messages_go_by_their_own_ids_where_the_keys_differ() -> None:
    source = chatgpt_chain("c", [chatgpt_message("k1", "user", "a"), chatgpt_message("k2", "assistant", "b")])
    nodes = cast("dict[str, dict[str, JsonDict]]", source["mapping"])
    nodes["k2"]["message"]["id"] = "server-id"
    conversation = read(source)
    assert links(conversation) == [("k1", None), ("server-id", "k1")]
    assert conversation.active_leaf == "server-id"


def test_nodes_that_claim_one_id_are_told_apart_by_their_keys() -> None:
    source = chatgpt_chain("c", [chatgpt_message(key, "user", key) for key in ("a", "b", "d")])
    nodes = cast("dict[str, dict[str, JsonDict]]", source["mapping"])
    nodes["a"]["message"]["id"] = nodes["d"]["message"]["id"] = "b"
    assert [(m.source_id, m.text) for m in read(source).messages] == [("a", "a"), ("b", "b"), ("d", "d")]
    del nodes["a"]["message"]["id"]
    nodes["d"]["message"]["id"] = {"not": "an id"}
    assert [m.source_id for m in read(source).messages] == ["a", "b", "d"]


def test_nodes_that_are_no_objects_are_counted() -> None:
    conversation = read({"mapping": {"a": "text", "b": None, "c": {"message": "text", "parent": "a"}}})
    assert conversation.unknown == {"node": 2, "message": 1, "messages without a role": 1}
    assert [(m.source_id, m.hidden) for m in conversation.messages] == [("c", True)]


# What is hidden ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "content_type", "fields", "hidden"),
    [
        ("user", "text", {}, False),
        ("user", "text", {"metadata": {"is_visually_hidden_from_conversation": True}}, True),
        ("user", "user_editable_context", {}, True),
        ("assistant", "text", {}, False),
        ("assistant", "text", {"recipient": None}, False),
        ("assistant", "text", {"recipient": "browser"}, False),
        ("assistant", "code", {"recipient": "python"}, False),
        ("assistant", "multimodal_text", {"recipient": "python"}, True),
        ("assistant", "code", {}, False),
        ("assistant", "thoughts", {}, False),
        ("assistant", "thoughts", {"metadata": {"is_visually_hidden_from_conversation": True}}, True),
        ("assistant", "reasoning_recap", {}, False),
        ("assistant", "model_editable_context", {}, True),
        ("assistant", "brand_new", {}, False),
        ("system", "text", {}, True),
        ("system", "text", {"metadata": {"is_user_system_message": True}}, False),
        ("tool", "text", {}, False),
        ("tool", "text", {"metadata": {"is_visually_hidden_from_conversation": True}}, True),
        ("tool", "system_error", {}, False),
        ("tool", "tether_browsing_display", {}, False),
        ("tool", "execution_output", {}, False),
        ("tool", "tether_quote", {}, False),
        ("tool", "multimodal_text", {}, False),
        ("critic", "text", {}, False),
    ],
)
def test_what_is_none_of_the_chat_is_hidden_and_its_steps_are_not(
    role: str, content_type: str, fields: JsonDict, hidden: bool
) -> None:
    content = {
        "content_type": content_type,
        "parts": ["words"],
        "text": "words",
        "result": "words",
        "user_profile": "words",
        "model_set_context": "words",
        "content": "words",
        "thoughts": [{"content": "words"}],
    }
    message = read_one(role, content, **fields)
    assert message.hidden is hidden
    assert message.text or message.parts


@pytest.mark.parametrize(
    "content", ["", " \n ", None, [], {}, {"content_type": "text"}, {"content_type": "text", "parts": None}]
)
def test_a_message_without_content_is_kept_hidden(content: object) -> None:
    message = read_one("assistant", content)
    assert message.hidden
    assert not message.text.strip()
    assert not message.parts


# Content ----------------------------------------------------------------------------------------


def test_texts_are_joined_by_an_empty_line() -> None:
    content = {"content_type": "text", "parts": ["One\r\nline", "", None, "Two\0"]}
    assert read_one("user", content).text == "One\nline\n\nTwo"


@pytest.mark.parametrize(
    "content", [{"parts": ["Hi"]}, {"content_type": "text", "text": "Hi"}, {"content_type": "text", "parts": "Hi"}]
)
def test_text_is_found_in_odd_places(content: object) -> None:
    message = read_one("user", content)
    assert message.text == "Hi"


IMAGE = {
    "content_type": "image_asset_pointer",
    "asset_pointer": "sediment://file_1",
    "size_bytes": 5,
    "width": 640,
    "height": 480,
    "metadata": {"dalle": {"prompt": "A lamp 💡", "seed": 1}},
}


def test_images_stand_where_they_were_in_the_text() -> None:
    content = {"content_type": "multimodal_text", "parts": ["Look 😀", IMAGE, "and tell"]}
    attachments = [
        {"id": "file_1", "name": "lamp.png", "mime_type": "image/png", "size": 5},
        {"id": "file_2", "name": "notes.pdf", "mime_type": "application/pdf", "size": 77},
        {"id": "file_3", "name": "b.jpg", "mime_type": "image/jpeg", "width": 3, "height": 4},
    ]
    message = read_one("user", content, metadata={"attachments": attachments})
    assert message.text == "Look 😀\n\nand tell"
    assert message.parts == (
        File(0, "notes.pdf", size=77, mime_type="application/pdf"),
        Image(0, "b.jpg", "", width=3, height=4),
        Image(7, "lamp.png", "A lamp 💡", width=640, height=480),
    )


def test_an_image_without_a_name_goes_by_its_file_id() -> None:
    parts = read_one(
        "tool", {"content_type": "multimodal_text", "parts": [IMAGE, IMAGE | {"asset_pointer": None}]}
    ).parts
    assert [part.name for part in parts if isinstance(part, Image)] == ["file_1", "image"]


def test_voice_chats_keep_what_was_said() -> None:
    spoken = {
        "content_type": "real_time_user_audio_video_asset_pointer",
        "audio_asset_pointer": {
            "content_type": "audio_asset_pointer",
            "asset_pointer": "sediment://file_v",
            "format": "wav",
        },
        "video_container_asset_pointer": "sediment://file_film",
        "frames_asset_pointers": [{"asset_pointer": "sediment://file_f", "width": 9}, "sediment://file_g"],
    }
    transcript = {"content_type": "audio_transcription", "text": "Good morning", "direction": "in"}
    audio = {"content_type": "audio_asset_pointer", "asset_pointer": "sediment://file_a"}
    message = read_one("user", {"content_type": "multimodal_text", "parts": [transcript, spoken, audio]})
    assert message.text == "Good morning"
    assert message.parts == (
        Audio(12, "file_v"),
        Image(12, "file_f", "", width=9),
        Image(12, "file_g", ""),
        File(12, "file_film"),
        Audio(12, "file_a"),
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"content_type": "code", "language": "unknown", "text": "1+1"}, ToolCall(0, "python", "1+1", "python")),
        ({"content_type": "text", "parts": ['{"q":1}']}, ToolCall(0, "python", '{"q":1}', "python")),
    ],
)
def test_what_the_assistant_sends_to_a_tool_is_a_tool_call(content: object, expected: Part) -> None:
    message = read_one("assistant", content, recipient="python")
    assert message.parts == (expected,)
    assert message.text == ""


def test_a_canvas_document_is_an_artifact() -> None:
    document = json.dumps({"name": "Soup", "type": "document", "content": "# Soup 🍲"})
    content = {"content_type": "code", "language": "json", "text": document}
    assert read_one("assistant", content, recipient="canmore.create_textdoc").parts == (
        Artifact(0, "Soup", "document", "# Soup 🍲"),
    )
    broken = {"content_type": "code", "language": "json", "text": document[:-3]}
    assert read_one("assistant", broken, recipient="canmore.create_textdoc").parts == (
        ToolCall(0, "canmore.create_textdoc", document[:-3], "json"),
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"content_type": "code", "language": "rust", "text": "fn"}, Code(0, "rust", "fn")),
        ({"content_type": "code", "language": "unknown", "text": "fn"}, Code(0, "", "fn")),
        ({"content_type": "execution_output", "text": "45"}, ToolResult(0, "45", name="python")),
        (
            {"content_type": "tether_browsing_display", "result": "r", "summary": "s"},
            ToolResult(0, "r\n\ns", name="python"),
        ),
        ({"content_type": "tether_browsing_code", "result": "r"}, ToolResult(0, "r", name="python")),
        (
            {"content_type": "sonic_webpage", "title": "T", "url": "https://a", "text": "long", "snippet": "s"},
            ToolResult(0, "T\n\nhttps://a\n\nlong", name="python"),
        ),
        (
            {"content_type": "tether_quote", "url": "https://a", "domain": "a", "title": "", "text": "said"},
            Citation(0, "a", "https://a", "said"),
        ),
        (
            {"content_type": "tether_quote", "url": "file-x", "title": "x.pdf", "text": "q"},
            Citation(0, "x.pdf", "", "q"),
        ),
        ({"content_type": "system_error", "name": "Timeout", "text": "late"}, Error(0, "Timeout", "late")),
        ({"content_type": "reasoning_recap", "content": "Thought for 7s"}, Badge(0, "Thought for 7s")),
        ({"content_type": "reasoning_recap", "parts": ["Thought"]}, Badge(0, "Thought")),
        ({"content_type": "citable_code_output", "output_str": "o"}, ToolResult(0, "o", name="python")),
        ({"content_type": "brand_new", "a": 1}, Unknown(0, "brand_new", {"content_type": "brand_new", "a": 1})),
    ],
)
def test_kinds_of_content(content: JsonDict, expected: Part) -> None:
    message = read_one("tool", content, author=by_tool("python"))
    assert message.parts == (expected,)
    assert message.author == "python"


@pytest.mark.parametrize(
    "result",
    [
        {"status": "failed_with_in_kernel_exception"},
        {"in_kernel_exception": {"name": "ValueError"}},
        {"system_exception": {"name": "Killed"}},
    ],
)
def test_a_failed_run_is_an_error(result: JsonDict) -> None:
    content = {"content_type": "execution_output", "text": "Traceback"}
    parts = read_one("tool", content, author=by_tool("python"), metadata={"aggregate_result": result}).parts
    assert parts == (ToolResult(0, "Traceback", name="python", is_error=True),)


def test_images_that_a_run_made_are_shown() -> None:
    made = [{"message_type": "image", "image_url": "file-service://file-9", "width": 10}, {"message_type": "stream"}]
    content = {"content_type": "execution_output", "text": "<Figure>"}
    parts = read_one("tool", content, metadata={"aggregate_result": {"status": "success", "messages": made}}).parts
    assert parts == (ToolResult(0, "<Figure>"), Image(0, "file-9", "", width=10))


def test_thoughts_become_thinking() -> None:
    thoughts = [
        {"summary": "Plan", "content": "First this", "chunks": ["First", "this"], "finished": True},
        {"summary": "", "content": "", "chunks": ["a", "b"]},
        {"summary": "Only this"},
        {},
    ]
    assert read_one("assistant", {"content_type": "thoughts", "thoughts": thoughts}).parts == (
        Thinking(0, "First this", summary="Plan"),
        Thinking(0, "a\nb"),
        Thinking(0, "", summary="Only this"),
    )


def test_custom_instructions_are_text() -> None:
    content = {"content_type": "user_editable_context", "user_profile": "I cook", "user_instructions": "Be brief"}
    message = read_one("user", content)
    assert message.text == "I cook\n\nBe brief"
    assert message.hidden


def test_a_screenshot_of_a_computer_is_an_image() -> None:
    content = {
        "content_type": "computer_output",
        "computer_id": "1",
        "state": {"type": "browser", "title": "Shop", "url": "https://shop"},
        "screenshot": {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_s", "width": 8},
    }
    assert read_one("tool", content, author=by_tool("computer")).parts == (
        ToolResult(0, "Shop\nhttps://shop", name="computer"),
        Image(0, "file_s", "", width=8),
    )


def test_unknown_content_is_kept_and_counted() -> None:
    parts: list[object] = ["a😀", {"content_type": "hologram", "x": 1}, 7, {"type": "hologram"}]
    messages = [
        chatgpt_message("a", "assistant", {"content_type": "multimodal_text", "parts": parts}),
        chatgpt_message("b", "critic", {"content_type": "smell", "strength": 3}),
    ]
    conversation = read(chatgpt_chain("c", messages))
    assert conversation.unknown == {"part: hologram": 2, "part: int": 1, "smell": 1, "messages of the role “critic”": 1}
    first = conversation.messages[0]
    assert first.text == "a😀"
    assert first.parts[:2] == (
        Unknown(3, "part: hologram", {"content_type": "hologram", "x": 1}),
        Unknown(3, "part: int", 7),
    )


def test_who_really_wrote_is_the_author() -> None:
    author = {"role": "assistant", "name": None, "metadata": {"real_author": "tool:web.run"}}
    assert read_one("assistant", "x", author=author).author == "tool:web.run"


@pytest.mark.parametrize("time", [1_700_000_000.25, " 1700000000.25", 1_700_000_000_250, "2023-11-14T22:13:20.250Z"])
def test_times_of_messages(time: object) -> None:
    assert read_one("user", "x", create_time=time).created_at == 1_700_000_000_250


def test_a_message_without_a_time_takes_that_of_its_update() -> None:
    assert read_one("user", "x", create_time=None, update_time=1_700_000_000).created_at == 1_700_000_000_000
    assert read_one("user", "x", create_time=0).created_at is None


def test_a_conversation_as_large_as_the_largest_seen() -> None:
    messages = [chatgpt_message(str(n), "user" if n % 2 else "assistant", f"{n} " + "x" * 2000) for n in range(10_000)]
    conversation = read(chatgpt_chain("c", messages))
    assert [message.source_id for message in conversation.messages] == [str(n) for n in range(10_000)]
    assert conversation.messages[-1].parent == "9998"


def test_generated_conversations_are_complete_and_known() -> None:
    rng = random.Random(5)
    for _ in range(30):
        source = chatgpt_conversation(rng, turns=20)
        conversation = read(source)
        assert not conversation.unknown
        assert conversation.active_leaf == source["current_node"]
        ids = {message.source_id for message in conversation.messages}
        assert ids == set(cast("JsonDict", source["mapping"])) - {"client-created-root"}
