"""Any text becomes a frame or an error that a person can read; nothing raises."""

import json
import tracemalloc
from collections.abc import Iterator, Mapping
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from chatsynth.features.chats.wire import UpdateChat
from chatsynth.node import COMMANDS
from chatsynth.realtime.errors import ErrorCode
from chatsynth.realtime.frames import Command, EngineFrame, Error, Heartbeat, PresenceChange, SetPresence, Subscribe
from chatsynth.realtime.identity import Identity
from chatsynth.realtime.parsing import FrameParser
from chatsynth.realtime.session import Mode, Session
from chatsynth.realtime.settings import LiveSettings
from tests.harness.json_types import JsonDict

MOST = LiveSettings().max_frame_values
PARSER = FrameParser(COMMANDS, MOST)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
keys = st.text(max_size=8)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=8)
types = st.sampled_from(sorted(PARSER.known_types)) | st.text(max_size=10)
NAMES = (
    "type op chat id messageId base changes content channel epoch offset state v "
    "channels message level link after title archived email role userId upTo"
)
names = st.sampled_from(NAMES.split())
fields_of_a_frame = st.dictionaries(names, values | st.dictionaries(names, values))
almost_frames = st.builds(lambda kind, fields: {"type": kind, **fields}, types, fields_of_a_frame)


def _check(parsed: object) -> None:
    """What comes out is answered by a session without raising, in either mode, and the answer can be sent."""
    assert isinstance(parsed, Error | Command | Heartbeat | SetPresence | Subscribe) or parsed is not None
    if isinstance(parsed, Error):
        assert parsed.code in (ErrorCode.INVALID_FRAME, ErrorCode.UNKNOWN_TYPE, ErrorCode.TOO_LARGE)
        assert 10 < len(parsed.message) <= 500
        assert json.loads(parsed.wire_json())["message"] == parsed.message
    if isinstance(parsed, SetPresence):
        change = PresenceChange(channel=parsed.channel, session="s", user_id=1, name="Ada", state=parsed.state)
        assert json.loads(change.wire_json())["channel"] == parsed.channel
    for mode in Mode:
        session = Session("s", Identity(1, "Ada", "login:1", None), LiveSettings().limits(), mode)
        list(session.receive(parsed, 0))  # type: ignore[arg-type]


@given(st.text())
@example("\ud800")
@example("\0")
@example("\ufeff{}")
def test_any_text_gives_a_frame_or_an_error(text: str) -> None:
    _check(PARSER.parse(text))


@given(st.binary())
def test_any_bytes_give_a_frame_or_an_error(content: bytes) -> None:
    _check(PARSER.parse(content))


@given(almost_frames)
def test_anything_like_a_frame_gives_a_frame_or_an_error(frame: dict[str, object]) -> None:
    _check(PARSER.parse(json.dumps(frame)))


@given(almost_frames, st.integers(0, 300), st.characters())
def test_a_frame_with_one_wrong_character_gives_a_frame_or_an_error(
    frame: dict[str, object], at: int, instead: str
) -> None:
    text = json.dumps(frame)
    _check(PARSER.parse(text[:at] + instead + text[at + 1 :]))


@pytest.mark.parametrize("depth", [10, 100, 190, 200, 255, 300, 1000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deep_json_gives_a_frame_or_an_error(depth: int, opening: str, closing: str) -> None:
    deep = opening * depth + "1" + closing * depth
    for text in (deep, f'{{"type": "presence", "channel": "chat:1", "state": {{"a": {deep}}}}}', deep[:depth]):
        _check(PARSER.parse(text))


@pytest.mark.parametrize("number", ["9" * 100, "9" * 4300, "9" * 10_000, "-" + "9" * 5000, "1e999", "-0", "1.0", "NaN"])
def test_huge_numbers_give_a_frame_or_an_error(number: str) -> None:
    for text in (
        f'{{"type": "hello", "v": {number}}}',
        f'{{"type": "subscribe", "channel": "chat:1", "epoch": "", "offset": {number}}}',
        f'{{"type": "presence", "channel": "chat:1", "state": {{"a": {number}}}}}',
        f'{{"type": "chat_update", "chat": {{"id": {number}, "content": ""}}}}',
    ):
        _check(PARSER.parse(text))


def test_of_a_field_that_is_given_twice_the_last_one_counts() -> None:
    parsed = PARSER.parse('{"type": "subscribe", "channel": "chat:1", "epoch": "", "offset": 0, "channel": "chat:2"}')
    assert isinstance(parsed, Subscribe)
    assert parsed.channel == "chat:2"


def test_lone_surrogates_are_no_text() -> None:
    parsed = PARSER.parse('{"type": "notification", "op": "n", "message": "\\ud83d"}')
    assert isinstance(parsed, Error)


def test_an_error_names_the_fields_and_nothing_of_their_content() -> None:
    parsed = PARSER.parse('{"type": "chat_update", "op": "u-1", "chat": {"id": 1, "base": "secret", "changes": "x"}}')
    assert isinstance(parsed, Error)
    assert parsed.op == "u-1"
    assert "chat.base" in parsed.message
    assert "secret" not in parsed.message


MANY = 30_000
MOST_BYTES_OF_AN_ITEM = 150
"""An empty object takes 64, its place in a list 8; the description of a mistake takes 600."""
HUGE_MISTAKES = [
    {"type": "chat_update", "chat": {"id": 1, "content": [{}] * MANY}},
    {"type": "chat_update", "chat": {"id": 1, "changes": [""] * MANY}},
    {"type": "chat_update", "chat": {"id": 1, "changes": [[{}]] * MANY}},
    {"type": "chat_update", "chat": {"id": 1, "changes": [[0, *([None] * MANY)]]}},
    {"type": "chat_create", "chat": {"messages": [3] * MANY}},
    {"type": "hello", "v": 1, "channels": [3] * MANY},
]


@pytest.mark.parametrize("frame", HUGE_MISTAKES, ids=range(len(HUGE_MISTAKES)))
def test_a_frame_with_very_many_mistakes_is_refused_at_the_first(frame: JsonDict) -> None:
    """Describing each of them would take seconds and gigabytes, in which nobody else is served (promise P7)."""
    text = json.dumps(frame)
    tracemalloc.start()
    try:
        parsed = PARSER.parse(text)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(parsed, Error)
    assert parsed.code is ErrorCode.INVALID_FRAME
    assert most_bytes < MANY * MOST_BYTES_OF_AN_ITEM


TINY_VALUES = {
    "numbers": "[" + "1," * MOST,
    "empty lists": "[" + "[]," * MOST,
    "deep lists": "[[[[[[[[" * (MOST // 8),
    "empty texts": '{"type": "chat_update", "chat": {"id": 1, "changes": [[0' + ',""' * MOST,
    "fields": '{"type": "heartbeat"' + ',"":0' * MOST,
    "positions": '{"type": "hello", "v": 1, "channels": [' + '{"channel":"chat:1","epoch":"","offset":0},' * MOST,
    "parts": '{"type": "chat_update", "chat": {"id": 1, "changes": [' + "[1],1," * MOST,
    "messages": '{"type": "chat_create", "chat": {"messages": [' + "{}," * MOST,
    "long numbers": "[" + ("9" * 4000 + ",") * (MOST // 200),
    "presence": '{"type": "presence", "channel": "chat:1", "state": {"a": [' + "0," * MOST,
}


@pytest.mark.parametrize("begun", TINY_VALUES.values(), ids=TINY_VALUES)
def test_a_frame_of_very_many_values_is_not_read_at_all(begun: str) -> None:
    """A reader would make them all, and then find that the text ends too early: `invalid_frame` (promise P7)."""
    parsed = PARSER.parse(begun)
    assert isinstance(parsed, Error)
    assert (parsed.code, f"{MOST:,}" in parsed.message) == (ErrorCode.TOO_LARGE, True)


@pytest.mark.parametrize("held", ['",[{:}]', "\\", '"', "\n", "\t,", "é,", "😀:"])
def test_a_long_text_is_read_whatever_it_holds(held: str) -> None:
    content = held * (3_500_000 // len(json.dumps(held)))
    parsed = PARSER.parse(json.dumps({"type": "chat_update", "chat": {"id": 1, "messageId": 1, "content": content}}))
    assert isinstance(parsed, UpdateChat)
    assert parsed.chat.content == content


def test_a_frame_of_too_many_values_is_refused_by_its_name_if_it_has_one() -> None:
    numbers = ", ".join(["1"] * MOST)
    for text, op in (
        (f'{{"type": "hello", "op": "h-1", "channels": [{numbers}]}}', "h-1"),
        (f'{{"type": "hello", "channels": [{numbers}], "op" : "h-1"}}', "h-1"),
        (f'{{"type": "hello", "client": "\\"op\\": \\"h-1\\"", "channels": [{numbers}]}}', None),
        (f'{{"type": "hello", "op": "not a name", "channels": [{numbers}]}}', None),
    ):
        parsed = PARSER.parse(text)
        assert isinstance(parsed, Error)
        assert (parsed.code, parsed.op) == (ErrorCode.TOO_LARGE, op)


def test_every_list_that_clients_send_is_refused_at_its_first_mistake() -> None:
    frames = (*COMMANDS, *get_args(EngineFrame))
    found = [each for frame in frames for each in _lists_in(TypeAdapter(frame).core_schema)]
    lists = [each for each in found if "json_types.Json" not in str(each["items_schema"])]  # any JSON is no mistake
    assert len(lists) >= 5
    assert [each for each in lists if not each.get("fail_fast")] == []


def _lists_in(schema: object) -> Iterator[Mapping[str, object]]:
    if isinstance(schema, Mapping):
        if schema.get("type") in ("list", "tuple", "set", "frozenset", "generator"):
            yield schema
        for name, inner in schema.items():
            if name != "metadata":
                yield from _lists_in(inner)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            yield from _lists_in(inner)
