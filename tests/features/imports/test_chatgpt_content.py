"""Conversations of ChatGPT: what each kind of content becomes."""

import json
import random
from typing import cast

import pytest

from chatsynth.features.imports.canonical import (
    Artifact,
    Audio,
    Badge,
    Citation,
    Code,
    Error,
    File,
    Image,
    Part,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
)
from tests.features.imports.conversations import by_tool
from tests.features.imports.conversations import message_of_chatgpt as read_one
from tests.features.imports.conversations import read_chatgpt as read
from tests.features.imports.exports import (
    JsonDict,
    chatgpt_chain,
    chatgpt_conversation,
    chatgpt_message,
)


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
