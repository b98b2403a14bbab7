"""Formats are told apart by what is in them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatsynth.features.imports.detect import (
    Companion,
    Detected,
    Foreign,
    Supported,
    Unclear,
    detect,
    detect_all,
    detect_head,
)
from chatsynth.features.imports.errors import ExportError
from chatsynth.features.imports.limits import Limits
from chatsynth.features.imports.reader import check_export, open_export
from tests.features.imports.exports import chatgpt_chain, chatgpt_message, claude_chat

CHATGPT = chatgpt_chain("c", [chatgpt_message("m", "user", "Hi")])
DEEPSEEK = {
    "id": "d",
    "title": "T",
    "inserted_at": "2025-02-01T10:00:00+08:00",
    "updated_at": "2025-02-01T10:00:00+08:00",
    "mapping": {
        "root": {"id": "root", "parent": None, "children": ["1"], "message": None},
        "1": {
            "id": "1",
            "parent": "root",
            "message": {"model": "r1", "fragments": [{"type": "REQUEST", "content": "Hi"}]},
        },
    },
}
OPEN_WEBUI = {
    "id": "1",
    "title": "T",
    "chat": {"title": "T", "models": [], "history": {"messages": {"a": {}}, "currentId": "a"}, "messages": []},
    "created_at": 1,
}
FOREIGN: dict[str, object] = {
    "DeepSeek": DEEPSEEK,
    "Open WebUI": OPEN_WEBUI,
    "Grok": {"conversation": {"id": "1"}, "responses": [{"response": {}}]},
    "LibreChat": {"conversationId": "1", "endpoint": "openAI", "title": "T", "messages": []},
    "Mistral Le Chat": {"id": "1", "chatId": "2", "content": "Hi", "contentChunks": None, "role": "user"},
    "Gemini (Google Takeout)": {"header": "Gemini Apps", "title": "Prompted Hi", "time": "2025-01-01T00:00:00Z"},
    "Google AI Studio": {"runSettings": {}, "systemInstruction": {}, "chunkedPrompt": {"chunks": []}},
    "Perplexity": {"entries": [], "thread_metadata": {}},
    "Chatbot UI": {"version": 4, "history": [], "folders": [], "prompts": []},
    "Qwen Chat": {"success": True, "request_id": "1", "data": [OPEN_WEBUI]},
    "Claude Design": {"uuid": "1", "project": {"uuid": "2"}, "messages": [{"role": "user", "content": {}}]},
    "ShareGPT": {"from": "human", "value": "Hi"},
    "a list of OpenAI messages": {"messages": [{"role": "user", "content": "Hi"}]},
}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (CHATGPT, Supported("chatgpt")),
        ({"mapping": {}}, Supported("chatgpt")),
        ({"title": "T", "create_time": 1.0, "gizmo_type": "snorlax"}, Supported("chatgpt")),
        (claude_chat("c", []), Supported("claude")),
        ({"chat_messages": None}, Supported("claude")),
        ({"mapping": DEEPSEEK["mapping"], "title": "T", "create_time": 1.0}, Foreign("DeepSeek")),
        (OPEN_WEBUI["chat"], Foreign("Open WebUI")),
        ({"code": 0, "msg": "", "data": {"biz_data": {"chat_session": {}}}}, Foreign("DeepSeek")),
        ({"conversations": [{"from": "human", "value": "Hi"}]}, Foreign("ShareGPT")),
        ({"prompt_template": "", "docs": [], "uuid": "1"}, Companion("projects")),
        ({"account_uuid": "1", "conversations_memory": "…"}, Companion("memories")),
        ({"id": "1", "conversation_id": "2", "title": "T", "is_anonymous": True}, Companion("shared links")),
        ({"id": "user-1", "email": "someone@example.org"}, Unclear()),
        ({}, Unclear()),
        ([], Unclear()),
        ("mapping", Unclear()),
        (None, Unclear()),
    ],
)
def test_items(item: object, expected: Detected) -> None:
    assert detect(item) == expected


@pytest.mark.parametrize("format_name", FOREIGN)
def test_other_formats_are_named(format_name: str) -> None:
    assert detect(FOREIGN[format_name]) == Foreign(format_name)


def test_a_supported_item_says_more_than_what_stands_before_it() -> None:
    assert detect_all([Unclear(), Companion("x"), Foreign("Grok"), Supported("claude")]) == Supported("claude")
    assert detect_all([Unclear(), Foreign("Grok"), Companion("x")]) == Foreign("Grok")
    assert detect_all([]) == Unclear()


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"<!doctype html><html>", "web page"),
        (b"\xef\xbb\xbf \n<html>", "web page"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"%PDF-1.7", "PDF"),
        (b"Conversation,Time,Author,Message\n", "Copilot"),
        (b"# Chat\n\n**User**: hi", "neither"),
        (b"\x89PNG", "neither"),
    ],
)
def test_files_that_are_no_json_are_named(head: bytes, words: str) -> None:
    assert words in (detect_head(head) or "")


@pytest.mark.parametrize(
    "head", [b"[", b" \n{", b"\xef\xbb\xbf[", b"\xff\xfe[\0", b"\xfe\xff\0[", b"\0[\0{", b"[\0\0\0"]
)
def test_json_in_any_encoding_may_be_read(head: bytes) -> None:
    assert detect_head(head) is None


@pytest.mark.parametrize("format_name", FOREIGN)
def test_an_export_of_another_platform_is_refused_with_its_name(format_name: str, tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([FOREIGN[format_name]]))
    with pytest.raises(ExportError) as refused, open_export(path, Limits()):
        pass
    assert refused.value.code == "unsupported-format"
    assert format_name in refused.value.sentence


def test_takeout_with_web_pages_is_refused_with_a_hint(tmp_path: Path) -> None:
    folder = tmp_path / "Takeout" / "My Activity" / "Gemini Apps"
    folder.mkdir(parents=True)
    (folder / "MyActivity.html").write_text("<html>")
    with pytest.raises(ExportError, match="web pages"):
        check_export(tmp_path, Limits())


@given(
    st.recursive(
        st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
    )
)
def test_anything_can_be_looked_at(item: object) -> None:
    detect(item)
