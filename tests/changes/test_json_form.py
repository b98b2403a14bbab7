"""Only what CodeMirror could have written is read, and everything else is refused in a sentence."""

import json
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatsynth.changes import ChangeSet, InvalidChange, Text, apply
from tests.changes.oracle import Oracle
from tests.changes.samples import Touch, edits, make, parts_of, texts, utf16_length


@given(texts(), edits())
def test_cs1_the_json_form_survives_a_round_trip(doc: str, edit: list[Touch]) -> None:
    changes = make(doc, edit)
    assert ChangeSet.from_json(json.loads(json.dumps(changes.to_json()))) == changes
    assert changes.length_before == utf16_length(doc)


@settings(max_examples=200)
@given(texts(), edits())
def test_cs2_parts_that_do_nothing_and_parts_that_belong_together_read_as_codemirror_reads_them(
    oracle: Oracle, doc: str, edit: list[Touch]
) -> None:
    parts = parts_of(doc, edit)
    assert str(apply(ChangeSet.from_json(parts), Text.of(doc))) == oracle.apply(parts, doc)


@pytest.mark.parametrize(
    ("json", "canonical"),
    [
        ([], []),
        ([0], []),
        ([[0]], []),
        ([[0, ""]], []),
        ([1, 0, 2], [3]),
        ([[1], [0], [2, ""]], [[3]]),
        ([[0, "a"], [0, "", "b"], 1], [[0, "a", "b"], 1]),
        ([[2], [0, "a"]], [[2], [0, "a"]]),
        ([[0, "a"], [2]], [[0, "a"], [2]]),
        ([[1, "a"], [1, "b"]], [[1, "a"], [1, "b"]]),
        ([[0, "", ""]], [[0, "", ""]]),
    ],
)
def test_cs2_the_canonical_form(json: object, canonical: object) -> None:
    assert ChangeSet.from_json(json).to_json() == canonical


@pytest.mark.parametrize(
    ("json", "complaint"),
    [
        (None, "must be a list"),
        ({}, "must be a list"),
        ("[5]", "must be a list"),
        ((5,), "must be a list"),
        ([None], "Part 1 must be a whole number or a list"),
        ([1, "2"], "Part 2 must be a whole number or a list"),
        ([True], "Part 1 must be a whole number or a list"),
        ([[False, "x"]], "Part 1 must be a whole number or a list"),
        ([1.0], "Part 1 must be a whole number or a list"),
        ([float("nan")], "Part 1 must be a whole number or a list"),
        ([[]], "Part 1 must be a whole number or a list"),
        ([[[1]]], "Part 1 must be a whole number or a list"),
        ([["x"]], "Part 1 must be a whole number or a list"),
        ([-1], "number in part 1 must be between 0 and 2147483647"),
        ([[-1, "x"]], "number in part 1 must be between 0 and 2147483647"),
        ([10**5000], "number in part 1 must be between 0 and 2147483647"),
        ([2**31 - 1, [1], 1], "longer than any text"),
        ([[1, 2]], "Part 1 must hold only strings"),
        ([[1, "a", None]], "Part 1 must hold only strings"),
        ([[1, ["a"]]], "Part 1 must hold only strings"),
        ([[0, "a\nb"]], "holds a newline"),
        ([[0, "a\rb"]], "carriage return"),
        ([[0, "a", "\r"]], "carriage return"),
        ([[0, "a\0b"]], "NUL"),
        ([[0, "\ud83d"]], "half of a surrogate pair"),
        ([[0, "\ude00\ud83d"]], "half of a surrogate pair"),
        ([[0, "\ud83d", "\ude00"]], "half of a surrogate pair"),
    ],
)
def test_cs3_cs4_what_is_malformed_is_refused_with_its_reason(json: object, complaint: str) -> None:
    with pytest.raises(InvalidChange, match=complaint):
        ChangeSet.from_json(json)


def test_cs3_too_many_parts_and_too_much_text_are_refused() -> None:
    parts: list[object] = [1, [0, "ab"], 1, [0, "😀"]]
    assert ChangeSet.from_json(parts, max_parts=4, max_inserted=4).length_after == 6
    with pytest.raises(InvalidChange, match="4 parts; at most 3"):
        ChangeSet.from_json(parts, max_parts=3)
    with pytest.raises(InvalidChange, match="more than 3 UTF-16 code units"):
        ChangeSet.from_json(parts, max_inserted=3)
    many: list[object] = [1, [1]] * 5_001
    with pytest.raises(InvalidChange, match="at most 10000"):
        ChangeSet.from_json(many)
    assert ChangeSet.from_json(many, max_parts=None).length_after == 5_001


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text(st.characters(categories=["Cs", "Cc", "Lu"]))
)
anything = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
nearly_parts = st.integers(-1, 9) | st.tuples(st.integers(-1, 9), st.text(max_size=3) | scalars).map(list)


@settings(max_examples=150)
@given(anything | st.lists(nearly_parts, max_size=5))
def test_cs3_from_json_refuses_or_reads_but_never_fails_otherwise(json: object) -> None:
    try:
        changes = ChangeSet.from_json(json)
    except InvalidChange as error:
        sentence = str(error)
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert len(sentence) < 200
        sentence.encode()
    else:
        assert ChangeSet.from_json(changes.to_json()) == changes


@pytest.mark.parametrize("seed", range(3))
def test_cs3_a_damaged_change_set_is_read_or_refused(seed: int) -> None:
    random = Random(seed)
    whole = json.dumps([5, [2, "ab", "😀"], 3, [0, "x"], [4], 1], ensure_ascii=False)
    for _ in range(500):
        characters = list(whole)
        for _ in range(random.randint(1, 3)):
            characters[random.randrange(len(characters))] = random.choice('[]",-.0123eE\\u\x00{}nt')
        try:
            damaged = json.loads("".join(characters), strict=False)
        except ValueError:
            continue
        with suppress(InvalidChange):
            ChangeSet.from_json(damaged)


@pytest.mark.parametrize(("start", "end"), [(-1, 0), (2, 1), (0, 4), (4, 4)])
def test_cs3_replacing_a_range_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(InvalidChange, match="does not lie inside a text of 3"):
        ChangeSet.replace(3, start, end, "x")


def test_cs1_replace_and_identity_write_what_codemirror_writes() -> None:
    assert ChangeSet.replace(9, 2, 5, "a\nb").to_json() == [2, [3, "a", "b"], 4]
    assert ChangeSet.replace(0, 0, 0, "😀").to_json() == [[0, "😀"]]
    assert ChangeSet.replace(3, 1, 1, "").to_json() == [3] == ChangeSet.identity(3).to_json()
    assert ChangeSet.identity(0).to_json() == []
    assert ChangeSet.identity(0).is_empty
    assert not ChangeSet.replace(3, 0, 1, "").is_empty
    with pytest.raises(InvalidChange, match="NUL"):
        ChangeSet.replace(3, 0, 0, "\0")
