"""The count of a JSON text is never less than what a reader makes of it, and a string is one value (promise P7)."""

import itertools
import json

from hypothesis import example, given
from hypothesis import strategies as st

from chatsynth.kit.json_count import AT_ONCE_BYTES, DIGITS_OF_ONE, JsonCount, values_in
from tests.harness.json_types import JsonDict

texts = st.text(alphabet=st.sampled_from('ab",:[]{}\\\n\t/é😀'), max_size=30)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=30)


def _made_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + len(value) + sum(_made_of(each) for each in value.values())
    return 1 + sum(_made_of(each) for each in value) if isinstance(value, list) else 1


def _empty_in(value: object) -> int:
    """Lists and objects without anything in them: their bracket counts once more."""
    if isinstance(value, dict):
        return (not value) + sum(_empty_in(each) for each in value.values())
    return (not value) + sum(_empty_in(each) for each in value) if isinstance(value, list) else 0


def _digits_in(value: object) -> int:
    if isinstance(value, dict):
        return sum(_digits_in(each) for each in value.values())
    if isinstance(value, list):
        return sum(_digits_in(each) for each in value)
    return 0 if isinstance(value, str) else sum(character.isdigit() for character in json.dumps(value))


@given(values, st.booleans(), st.lists(st.integers(0, 200), max_size=5))
@example('\\"', False, [1, 2, 3])
@example({'\\",[': ['",', "\\\\"]}, False, [4, 5])
def test_it_counts_values_and_names_and_nothing_in_strings(value: JsonDict, ascii_: bool, cuts: list[int]) -> None:
    text = json.dumps(value, ensure_ascii=ascii_).encode()
    expected = _made_of(value) + _empty_in(value) + _digits_in(value) // DIGITS_OF_ONE
    count = JsonCount()
    bounds = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    for start, end in itertools.pairwise(bounds):
        count.feed(text[start:end])
    assert count.values == expected
    assert values_in(text, 0) == expected
    assert values_in(text, 10**9) >= expected


def test_a_long_text_is_one_value_whatever_it_holds() -> None:
    for held in ('",[{:', "\\", '"', "\n", "\\u002c,", "[[[[[["):
        text = json.dumps([held * 100_000]).encode()
        assert len(text) > AT_ONCE_BYTES
        assert values_in(text, 10) == 2


def test_no_more_is_looked_at_than_is_needed_to_know_that_there_are_too_many() -> None:
    endless = b"[" + b'"",' * 1_000_000
    assert 1_000 < values_in(endless, 1_000) <= AT_ONCE_BYTES
