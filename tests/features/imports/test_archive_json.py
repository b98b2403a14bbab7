"""JSON in every encoding and with every oddity is read; what cannot be is skipped or refused in words."""

import json
import os
from pathlib import Path

import pytest

from chatsynth.features.imports.errors import ExportError
from chatsynth.features.imports.limits import Limits
from chatsynth.features.imports.reader import Parsed, Skipped, check_export
from tests.features.imports.exports import (
    JsonDict,
    chatgpt_chain,
    chatgpt_message,
    claude_chat,
)
from tests.features.imports.reading import (
    CHAT,
    count_of,
    found_in,
    nested,
    refusal_of,
    skipped_in,
    titled,
    titles_in,
    written,
    zipped,
)


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_every_unicode_encoding_is_read(encoding: str, tmp_path: Path) -> None:
    text = json.dumps([titled("Grüße 😀 " + "ü" * 300_000)], ensure_ascii=False)
    path = written(tmp_path / "a.json", text.encode(encoding))
    (title,) = titles_in(path)
    assert title.startswith("Grüße 😀 ü")


def with_text(json_text: bytes) -> bytes:
    return json.dumps([CHAT]).encode().replace(b'"Hi"', b'"' + json_text + b'"')


@pytest.mark.parametrize(
    ("json_text", "text"),
    [
        (rb"a\ud800b", "a\ufffdb"),
        (rb"a\udc00\ud83d\ude00b", "a\ufffd😀b"),
        (rb"\ud83d", "\ufffd"),
        (rb"\\ud800", r"\ud800"),
        (rb"\\\ud800", "\\\ufffd"),
        (rb"a\u0000b", "ab"),
        (b"a\x00\tb", "a\tb"),
        (b"a\xff\xedb", "a\ufffd\ufffdb"),
        (b"a\xed\xa0\x80b", "a\ufffd\ufffd\ufffdb"),
        (rb"{\"}[\\", '{"}[\\'),
    ],
)
def test_broken_characters_are_replaced_and_nothing_else(json_text: bytes, text: str, tmp_path: Path) -> None:
    (found,) = found_in(written(tmp_path / "a.json", with_text(json_text)))
    assert isinstance(found, Parsed)
    assert [message.text for message in found.conversation.messages] == [text, "Hello 😀"]


@pytest.mark.parametrize("number", [b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b"-" + b"9" * 4000, b"1E5"])
def test_numbers_of_any_size_are_read(number: bytes, tmp_path: Path) -> None:
    text = json.dumps([CHAT | {"create_time": 1.5, "update_time": 1.5}]).encode().replace(b"1.5", number)
    (found,) = found_in(written(tmp_path / "a.json", text))
    assert isinstance(found, Parsed)


def test_of_a_key_that_stands_twice_the_last_counts(tmp_path: Path) -> None:
    text = json.dumps([CHAT]).encode().replace(b'"title": "A chat"', b'"title": "A", "title": "B"')
    assert titles_in(written(tmp_path / "a.json", text)) == ["B"]


def test_white_space_may_be_anywhere(tmp_path: Path) -> None:
    text = (
        b" \r\n[\t"
        + json.dumps(titled("a"), indent=3).encode()
        + b"\n,\n"
        + json.dumps(titled("b")).encode()
        + b" ] \n\n"
    )
    assert titles_in(written(tmp_path / "a.json", text)) == ["a", "b"]


@pytest.mark.parametrize("wrapper", ['{"conversations": %s}', '{"v": {"a": [1]}, "conversations":%s, "more": "]}"}'])
def test_the_list_may_be_within_an_object(wrapper: str, tmp_path: Path) -> None:
    text = wrapper % json.dumps([titled("a"), titled("b")])
    assert titles_in(written(tmp_path / "a.json", text.encode())) == ["a", "b"]


def test_a_conversation_of_many_megabytes_is_read(tmp_path: Path) -> None:
    text = '\\"{[}]😀\n' * 300_000
    chats = [titled("a"), chatgpt_chain("big", [chatgpt_message("m", "user", text)] * 2), titled("b")]
    found = found_in(written(tmp_path / "a.json", json.dumps(chats, ensure_ascii=False).encode()))
    assert [count_of(one) for one in found] == [2, 1, 2]
    assert isinstance(found[1], Parsed)
    assert found[1].conversation.messages[0].text == text


# What is skipped --------------------------------------------------------------------------------


SKIPPED: dict[str, tuple[object, str, int | None]] = {
    "an entry of a project": ({"title": "Folder", "create_time": 1.0, "conversation_id": "p"}, "no-messages", 0),
    "no nodes": (CHAT | {"mapping": {}}, "empty", 0),
    "no mapping": (CHAT | {"mapping": None}, "empty", 0),
    "only a root": (chatgpt_chain("e", []), "empty", 0),
    "an empty chat of Claude": (claude_chat("e", []), "empty", 0),
    "null": (None, "not-a-conversation", None),
    "a string": ("text", "not-a-conversation", None),
    "a list": ([CHAT], "not-a-conversation", None),
    "an empty object": ({}, "not-a-conversation", None),
    "a project": ({"prompt_template": "", "docs": []}, "not-a-conversation", None),
    "another format": ({"chunkedPrompt": {}}, "unsupported-format", None),
    "nested": (CHAT | {"deep": nested(300)}, "too-deep", None),
    "large": (chatgpt_chain("l", [chatgpt_message("m", "user", "x" * 20_000)]), "too-large", None),
    "long": (chatgpt_chain("m", [chatgpt_message(str(n), "user", "x") for n in range(11)]), "too-many-messages", 11),
}


@pytest.mark.parametrize("case", SKIPPED)
def test_what_cannot_be_imported_is_skipped_with_its_reason(case: str, tmp_path: Path) -> None:
    item, code, count = SKIPPED[case]
    path = written(tmp_path / "conversations.json", [titled("a"), item, titled("b")])
    found = found_in(path, Limits(max_conversation_bytes=15_000, max_messages=10))
    skipped = found[1]
    assert isinstance(skipped, Skipped)
    assert (skipped.reason_code, skipped.message_count) == (code, count)
    assert skipped.reason_sentence.endswith(".")
    assert skipped.where == "conversations.json, chat 2"
    assert [isinstance(one, Parsed) for one in found] == [True, False, True]


def test_a_skipped_conversation_is_named(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.json", [CHAT, CHAT | {"mapping": {}, "title": "Plan"}, claude_chat("x", [], name="Ideas")]
    )
    assert [skipped.title for skipped in skipped_in(path)] == ["Plan", "Ideas"]


def test_more_values_than_memory_has_room_for_are_skipped(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", [CHAT, CHAT | {"bomb": [[]] * 100_000}])
    assert [skipped.reason_code for skipped in skipped_in(path, Limits(max_conversation_values=100_000))] == [
        "too-large"
    ]


def test_the_same_conversation_twice_is_imported_once(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"conversations-0.json": [CHAT], "conversations-1.json": [CHAT, titled("other")]})
    assert [type(found) for found in found_in(path)] == [Parsed, Skipped, Parsed]
    assert skipped_in(path)[0].reason_code == "duplicate"


def test_other_versions_of_a_conversation_say_whether_they_are_newer(tmp_path: Path) -> None:
    grown = [chatgpt_message(name, "user", name) for name in ("u", "a", "b")]
    versions = [chatgpt_chain("c", grown[:size], update_time=1_700_000_000 + size) for size in (2, 3, 1)]
    found = found_in(written(tmp_path / "a.json", versions))
    assert [one.occurrence for one in found if isinstance(one, Parsed)] == ["first", "newer", "older"]


# What is refused --------------------------------------------------------------------------------


ONE = json.dumps([CHAT]).encode()
TWO = json.dumps([CHAT, CHAT | {"id": "2"}]).encode()
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty-file"),
    "blanks": (b"   ", "unsupported-format"),
    "words": (b"hello", "unsupported-format"),
    "a picture": (b"\x89PNG\r\n", "unsupported-format"),
    "a bracket": (b"[", "json-truncated"),
    "an empty list": (b"[]", "no-conversations"),
    "an empty list within": (b'{"conversations": []}', "no-conversations"),
    "an empty object": (b"{}", "unsupported-format"),
    "numbers": (b"[1, 2]", "unsupported-format"),
    "without the end of the list": (ONE[:-1], "json-truncated"),
    "without the end of an item": (ONE[:-40], "json-truncated"),
    "without the end of a string": (ONE[:60] + b'"', "json-truncated"),
    "without the end of the object": (json.dumps(CHAT).encode()[:-1], "json-truncated"),
    "UTF-16 without the end": (json.dumps([CHAT]).encode("utf-16")[:-2], "json-truncated"),
    "without a comma": (TWO.replace(b"}, {", b"} {"), "json-broken"),
    "more after the end": (ONE + b"]", "json-broken"),
    "zeros after the end": (ONE + b"\0\0\0", "json-broken"),
    "a word without quotes": (ONE.replace(b'"Hi"', b"Hi"), "json-broken"),
    "half a number": (TWO.replace(b'"id": "2"', b'"id": 2-'), "json-broken"),
    "the wrong bracket": (ONE.replace(b"]", b"}", 1), "json-broken"),
    "a key without quotes": (ONE.replace(b'{"title"', b"{title", 1), "json-broken"),
    "a key without a value": (b'{"conversations": ' + ONE + b', "x"}', "json-broken"),
    "JSON lines": (json.dumps(CHAT).encode() + b"\n" + json.dumps(CHAT).encode(), "unsupported-format"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_broken_file_is_refused_as_a_whole(case: str, tmp_path: Path) -> None:
    content, code = REFUSED[case]
    assert refusal_of(written(tmp_path / "a.json", content)).code == code


def test_a_break_after_good_conversations_is_found_by_the_first_pass(tmp_path: Path) -> None:
    text = json.dumps([titled(str(n)) for n in range(500)]).encode()
    with pytest.raises(ExportError) as broken:
        check_export(written(tmp_path / "a.json", text[:-100]), Limits())
    assert broken.value.code == "json-truncated"
    with pytest.raises(ExportError) as broken:
        check_export(written(tmp_path / "b.json", text.replace(b"null", b"nul", 3000)), Limits())
    assert broken.value.code == "json-broken"


@pytest.mark.parametrize("path", ["missing.zip", "n" * 5000, "a\0b"])
def test_a_path_that_leads_nowhere_is_refused(path: str, tmp_path: Path) -> None:
    assert refusal_of(tmp_path / path).code == "cannot-open"


def test_an_empty_folder_or_zip_is_refused(tmp_path: Path) -> None:
    assert refusal_of(zipped(tmp_path / "a.zip", {})).code == "unsupported-format"
    (tmp_path / "empty").mkdir()
    assert refusal_of(tmp_path / "empty").code == "unsupported-format"


def test_what_is_neither_file_nor_folder_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal_of(tmp_path / "pipe").code == "cannot-open"


def test_an_archive_within_an_archive_is_refused_with_a_hint(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"conversations.json": [CHAT]})
    assert refusal_of(zipped(tmp_path / "a.zip", {"inner.zip": inner.read_bytes()})).code == "nested-archive"


# Where an item ends is guessed ------------------------------------------------------------------


def guessed(tmp_path: Path, *chats: JsonDict) -> list[str]:
    """The titles that are found, which the json module must agree with."""
    path = written(tmp_path / "a.json", list(chats))
    titles = [one.conversation.title if isinstance(one, Parsed) else one.title for one in found_in(path)]
    assert titles == [chat["title"] for chat in json.loads(path.read_text())]
    return [str(title) for title in titles]


def test_a_list_within_a_chat_that_looks_like_the_next_chat_is_not_cut(tmp_path: Path) -> None:
    lure = [{"title": "lure"}, {"title": "lure"}, {"title": "lure"}]
    assert guessed(tmp_path, *(titled(str(n)) | {"lures": lure} for n in range(30))) == [str(n) for n in range(30)]


def test_every_guess_may_be_wrong_at_first_and_right_later(tmp_path: Path) -> None:
    chats = [titled(str(n)) | ({"lures": [{"title": "a"}] * 2} if n < 15 else {}) for n in range(40)]
    assert len(guessed(tmp_path, *chats)) == 40


def test_chats_larger_than_what_is_read_at_once_are_found_between_small_ones(tmp_path: Path) -> None:
    sizes = [10, 3_000_000, 10, 400_000, 1_200_000, 10]
    chats = [titled(str(n)) | {"filler": "x" * size} for n, size in enumerate(sizes)]
    assert guessed(tmp_path, *chats) == [str(n) for n in range(6)]


def test_a_chat_that_is_too_large_is_left_out_although_its_end_was_guessed(tmp_path: Path) -> None:
    chats = [titled(str(n)) | {"filler": "x" * (50_000 if n == 3 else 10)} for n in range(6)]
    path = written(tmp_path / "a.json", chats)
    found = found_in(path, Limits(max_conversation_bytes=20_000))
    assert [isinstance(one, Parsed) for one in found] == [True, True, True, False, True, True]


def test_a_chat_that_is_not_quite_json_is_repaired_between_guessed_ones(tmp_path: Path) -> None:
    text = json.dumps([titled(str(n)) for n in range(9)]).replace('"title": "4"', '"title": "4\\ud800", "n": NaN')
    assert titles_in(written(tmp_path / "a.json", text.encode())) == [*"0123", "4\ufffd", *"5678"]


def test_a_broken_chat_between_guessed_ones_is_told_with_its_place(tmp_path: Path) -> None:
    text = json.dumps([titled(str(n)) for n in range(9)]).replace('"title": "4"', '"title": "4" oops')
    assert "chat 5" in refusal_of(written(tmp_path / "a.json", text.encode())).sentence
