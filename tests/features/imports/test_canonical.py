"""The canonical form: parts as JSON, hashes, titles, trees, cleaned text and tolerant reading of values."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatsynth.features.imports import canonical
from chatsynth.features.imports.canonical import (
    Artifact,
    Audio,
    Badge,
    Citation,
    Code,
    Error,
    File,
    Image,
    Message,
    Part,
    Role,
    Thinking,
    ToolCall,
    ToolResult,
    Unknown,
    content_hash,
    newest_leaf,
    part_to_json,
    parts_to_json,
    title_of,
)
from chatsynth.features.imports.message_body import Body, Ledger, Overgrown, unique_ids
from chatsynth.features.imports.message_tree import arrange
from chatsynth.features.imports.source_values import integer, name, time_ms, web_address
from chatsynth.features.imports.text_cleaning import clean_text, utf16_length
from chatsynth.kit.json_types import Json


def a_message(source_id: str, parent: str | None = None, *, text: str = "", created_at: int | None = None) -> Message:
    return Message(source_id, parent, "user", None, None, created_at, False, text, (), "")


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (Thinking(3, "so", summary="s"), {"type": "thinking", "at": 3, "text": "so", "summary": "s"}),
        (Thinking(0, "so"), {"type": "thinking", "at": 0, "text": "so"}),
        (
            ToolCall(0, "python", "1", "python"),
            {"type": "tool_call", "name": "python", "text": "1", "language": "python"},
        ),
        (ToolResult(0, "2", is_error=True), {"type": "tool_result", "text": "2", "isError": True}),
        (Citation(0, "T", "https://a", "q"), {"type": "citation", "title": "T", "url": "https://a", "text": "q"}),
        (Image(0, "n", "a", width=1, height=2), {"type": "image", "name": "n", "alt": "a", "width": 1, "height": 2}),
        (
            File(0, "n", 3, "text/plain", "t"),
            {"type": "file", "name": "n", "size": 3, "mimeType": "text/plain", "text": "t"},
        ),
        (Audio(0, "n", "t"), {"type": "audio", "name": "n", "text": "t"}),
        (Code(0, "c", "x"), {"type": "code", "language": "c", "text": "x"}),
        (Artifact(0, "t", "k", "x"), {"type": "artifact", "title": "t", "kind": "k", "text": "x"}),
        (Error(0, "n", "t"), {"type": "error", "name": "n", "text": "t"}),
        (Badge(0, "Thought for 7s"), {"type": "badge", "text": "Thought for 7s"}),
        (Unknown(0, "new", {"a": [1]}), {"type": "unknown", "kind": "new", "json": {"a": [1]}}),
    ],
)
def test_parts_are_camel_case_json_without_absent_fields(part: Part, expected: dict[str, Json]) -> None:
    assert part_to_json(part) == {"at": 0} | expected
    assert json.loads(json.dumps(parts_to_json([part, part]))) == [{"at": 0} | expected] * 2


def test_the_hash_tells_every_difference_that_a_reader_sees() -> None:
    cases: list[tuple[Role, str, list[Part]]] = [
        ("user", "a", []),
        ("assistant", "a", []),
        ("user", "b", []),
        ("user", "", [Badge(0, "a")]),
        ("user", "a", [Badge(0, "a")]),
        ("user", "a", [Badge(1, "a")]),
        ("user", "a", [Thinking(1, "a")]),
        ("user", "a", [Badge(1, "a"), Badge(1, "a")]),
        ("user", '[{"type":"badge"}]', []),
    ]
    hashes = [content_hash(*case) for case in cases]
    assert len(set(hashes)) == len(cases)
    assert all(len(found) == 64 for found in hashes)


def test_the_hash_is_the_same_for_ever() -> None:
    """Hashes are stored: if this one changes, every import would report every message as changed."""
    parts: list[Part] = [Citation(2, "Ü 😀", "https://a", ""), Unknown(0, "k", {"b": 1, "a": None})]
    assert content_hash("user", "Grüße 😀", []) == "79f2fb00a609da47c91e7f865df2d1a5071e9054030afe5a0dae731eb2d793d0"
    assert content_hash("assistant", "x", parts) == "ed6ec8ad88ba2b2125f3a6b47d3664238d4955e4c8ab82dcf351a11eff18532b"


def test_unknown_json_hashes_alike_in_any_order_of_keys() -> None:
    one, other = Unknown(0, "k", {"a": 1, "b": 2}), Unknown(0, "k", {"b": 2, "a": 1})
    assert content_hash("user", "", [one]) == content_hash("user", "", [other])


# Titles and leaves ------------------------------------------------------------------------------


def test_a_title_is_one_line_of_bounded_length() -> None:
    assert title_of("  Two\n lines\t ", []) == "Two lines"
    assert len(title_of("x" * 100_000, [])) == 500


def test_without_a_title_the_first_words_of_the_person_are_one() -> None:
    words = "word " * 40
    title = title_of(" ", [a_message("a", text=words)])
    assert title.startswith("word word")
    assert title.endswith("…")
    assert len(title) <= 80
    assert title_of("", [a_message("a", text="short 😀")]) == "short 😀"


def test_without_anything_a_chat_is_untitled() -> None:
    assert title_of("", []) == title_of("", [a_message("a", text="  ")]) == canonical.UNTITLED


def test_the_newest_leaf_is_the_latest_end_of_a_branch() -> None:
    messages = [a_message("a", created_at=9), a_message("b", "a", created_at=5), a_message("c", "a", created_at=3)]
    assert newest_leaf(messages) == "b"
    assert newest_leaf([a_message("a"), a_message("b", "a"), a_message("c", "a")]) == "c"
    assert newest_leaf([]) is None


# Trees ------------------------------------------------------------------------------------------


def in_given_order(_key: str) -> tuple[int, ...]:
    return ()


def test_parents_come_before_children_depth_first() -> None:
    tree = arrange({"c": "b", "b": "a", "a": None, "d": "a", "x": None}, in_given_order)
    assert tree.order == ["a", "b", "c", "d", "x"]
    assert tree.parents == {"a": None, "b": "a", "c": "b", "d": "a", "x": None}


def test_siblings_are_in_order_of_their_rank() -> None:
    ranks = {"b": 2, "c": 1, "d": 2}
    tree = arrange({"a": None, "b": "a", "c": "a", "d": "a"}, lambda key: (ranks[key],))
    assert tree.order == ["a", "c", "b", "d"]


def test_unknown_and_own_parents_make_roots() -> None:
    assert arrange({"a": "gone", "b": "b", "c": "a"}, in_given_order).parents == {"a": None, "c": "a", "b": None}


def test_a_circle_is_opened_where_it_began_and_keeps_what_hangs_on_it() -> None:
    tree = arrange({"tail": "c", "a": "c", "b": "a", "c": "b", "leaf": "tail"}, in_given_order)
    assert tree.parents == {"a": None, "b": "a", "c": "b", "tail": "c", "leaf": "tail"}


@given(st.dictionaries(st.integers(0, 30), st.none() | st.integers(0, 34), max_size=30))
def test_any_links_make_a_tree_of_all_nodes(links: dict[int, int | None]) -> None:
    parents = {str(key): None if parent is None else str(parent) for key, parent in links.items()}
    tree = arrange(parents, in_given_order)
    assert sorted(tree.order) == sorted(parents)
    places = {key: place for place, key in enumerate(tree.order)}
    for key, parent in tree.parents.items():
        assert parent is None or (places[parent] < places[key] and parent == parents[key])


def test_long_chains_and_circles_are_no_trouble() -> None:
    size = 100_000
    chain: dict[str, str | None] = {str(n): str(n - 1) if n else None for n in range(size)}
    assert len(arrange(chain, in_given_order).order) == size
    circle: dict[str, str | None] = {str(n): str((n + 1) % size) for n in range(size)}
    assert len(arrange(circle, in_given_order).order) == size


# Text and values --------------------------------------------------------------------------------


def test_text_is_cleaned_of_what_databases_and_browsers_refuse() -> None:
    assert clean_text("a\r\nb\rc\nd") == "a\nb\nc\nd"
    assert clean_text("a\0b") == "ab"
    assert clean_text("a\ud83db") == "a\ufffdb"
    assert clean_text("\ud83d\ude00") == "😀"


@given(st.text(alphabet=st.characters()))
def test_cleaned_text_can_be_written_and_stays_as_it_is(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode()
    assert "\0" not in cleaned
    assert "\r" not in cleaned
    assert clean_text(cleaned) == cleaned
    assert utf16_length(cleaned) == sum(2 if ord(c) > 0xFFFF else 1 for c in cleaned)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_700_000_000, 1_700_000_000_000),
        (1_700_000_000.1234, 1_700_000_000_123),
        (1_700_000_000_123, 1_700_000_000_123),
        (1_700_000_000_123_456, 1_700_000_000_123),
        (1_700_000_000_123_456_789, 1_700_000_000_123),
        ("1700000000.5", 1_700_000_000_500),
        ("2023-11-14T22:13:20Z", 1_700_000_000_000),
        ("2023-11-14T22:13:20.123456Z", 1_700_000_000_123),
        ("2023-11-15T06:13:20+08:00", 1_700_000_000_000),
        ("2023-11-14T22:13:20", 1_700_000_000_000),
        ("9999-12-31T23:59:59-23:00", 253402383599000),
    ],
)
def test_times_of_every_kind_become_milliseconds(value: object, expected: int | None) -> None:
    assert time_ms(value) == expected


def test_what_is_no_time_is_none() -> None:
    nothing: list[object] = [
        None,
        0,
        0.0,
        -5,
        True,
        "",
        "0",
        "soon",
        "9" * 60,
        [],
        {},
        10**400,
        "x" * 999,
        "0001-01-01T00:00:00+23:00",
    ]
    endless = [float("nan"), float("inf"), -float("inf"), 1e300, "nan", "inf", "1e999"]
    assert [value for value in [*nothing, *endless] if time_ms(value) is not None] == []


def test_what_is_no_small_whole_number_is_none() -> None:
    values: list[object] = [None, True, "3", -1, 2**53, 10**400, float("nan"), float("inf"), [], {}]
    assert [value for value in values if integer(value) is not None] == []
    assert integer(7.0) == 7


def test_names_are_trimmed_and_short() -> None:
    assert name("  a\0 ") == "a"
    assert len(name("n" * 10_000)) == 500
    assert name(3) == name(None) == ""


def test_only_web_addresses_are_kept() -> None:
    refused: list[object] = ["javascript:alert(1)", "file:///etc/passwd", "//x", "", None, 3, "https://" + "a" * 5000]
    assert [address for address in refused if web_address(address)] == []
    assert web_address(" https://example.org/a?b=c ") == "https://example.org/a?b=c"


# Bodies -----------------------------------------------------------------------------------------


def test_parts_stand_where_they_came_in_utf16() -> None:
    body = Body(Ledger())
    body.add(Badge(body.at, "before"))
    body.say("😀a")
    body.add(Badge(body.at, "after"))
    body.say("b")
    assert body.text == "😀a\n\nb"
    assert [part.at for part in body.parts] == [0, 3]
    assert body.at == 6
    assert body.next_text_at == 8


@given(st.lists(st.text(alphabet="a😀é\n", max_size=4), max_size=6))
def test_a_place_is_always_the_length_of_the_text_so_far(pieces: list[str]) -> None:
    body = Body(Ledger())
    for piece in pieces:
        start = body.next_text_at
        body.say(piece)
        assert body.at == utf16_length(body.text)
        if piece:
            assert body.text.encode("utf-16-le")[2 * start :].decode("utf-16-le") == piece


def test_parts_may_not_outgrow_memory() -> None:
    body = Body(Ledger(part_text_left=100))
    body.add(Badge(0, "x" * 90))
    with pytest.raises(Overgrown):
        body.add(Badge(0, "x" * 90))


def test_ids_become_unique_and_stay_what_they_were_when_they_can() -> None:
    assert unique_ids([("a", ""), ("b", ""), ("a", "k"), ("a", "k"), ("", ""), ("", "")]) == [
        "a",
        "b",
        "k",
        "a#2",
        "message#2",
        "message#3",
    ]
    rng = random.Random(1)
    ids = unique_ids([(rng.choice(["a", "a#2", ""]), rng.choice(["a#3", ""])) for _ in range(500)])
    assert len(set(ids)) == 500
    assert "" not in ids
