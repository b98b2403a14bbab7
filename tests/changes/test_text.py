"""A `Text` is what the editor in the browser would hold, and is measured as the browser measures it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatsynth.changes import InvalidChange, Text, normalize_text
from tests.changes.samples import texts, utf16_length

wild_texts = st.text(st.characters() | st.sampled_from("\r\n\0\ud83d\ude00"), max_size=20)


@given(texts())
def test_cs4_a_text_is_measured_in_utf16_code_units(text: str) -> None:
    assert len(Text.of(text)) == utf16_length(text)
    assert str(Text.of(text)) == text


def test_cs4_slices_are_in_code_units_and_never_of_half_a_character() -> None:
    text = Text.of("a😀b")
    assert (text.slice(1, 3), text.slice(3, 4), text.slice(0, 0)) == ("😀", "b", "")
    for start, end in [(0, 2), (2, 3)]:
        with pytest.raises(InvalidChange, match="cuts a character in half"):
            text.slice(start, end)
    for start, end in [(-1, 1), (3, 1), (0, 5)]:
        with pytest.raises(InvalidChange, match="not lie inside"):
            text.slice(start, end)


@pytest.mark.parametrize("text", ["\r", "a\r\nb", "\0", "\ud83d", "\ude00\ud83d"])
def test_cs4_what_no_editor_could_hold_is_refused(text: str) -> None:
    with pytest.raises(InvalidChange):
        Text.of(text)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("a\r\nb\rc\n\r\n", "a\nb\nc\n\n"),
        ("a\0b\r\0\n", "ab\n"),
        ("x\ud83dy\ude00", "x\ufffdy\ufffd"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("plain 😀\u2028", "plain 😀\u2028"),
    ],
)
def test_cs4_normalising(text: str, normal: str) -> None:
    assert normalize_text(text) == normal


@given(wild_texts)
def test_cs4_whatever_is_normalised_can_be_held(text: str) -> None:
    normal = normalize_text(text)
    assert str(Text.of(normal)) == normal == normalize_text(normal)


@given(texts())
def test_cs4_a_normal_text_stays_as_it_is(text: str) -> None:
    assert normalize_text(text) == text
