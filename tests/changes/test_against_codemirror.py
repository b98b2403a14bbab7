"""The algebra is CodeMirror's: the same results from the same change sets, part by part."""

from random import Random

import pytest
from hypothesis import given, settings

from chatsynth.changes import (
    ChangeSet,
    InvalidChange,
    Text,
    apply,
    compose,
    invert,
    map_changes,
    map_pos,
)
from tests.changes.oracle import Case, Oracle, Study
from tests.changes.samples import Touch, edits, make, random_edit, random_text, texts, utf16_length

REMOVE_FIRST = ChangeSet.replace(3, 0, 1, "")


def case_of(doc: str, a: list[Touch], b: list[Touch], following: list[Touch]) -> Case:
    first = make(doc, a)
    after = str(apply(first, Text.of(doc)))
    return Case(doc=doc, a=first.to_json(), b=make(doc, b).to_json(), next=make(after, following).to_json())


def own_study(case: Case) -> Study:
    """Answer what the oracle answers, with our code."""
    a, b = ChangeSet.from_json(case["a"]), ChangeSet.from_json(case["b"])
    following, text = ChangeSet.from_json(case["next"]), Text.of(case["doc"])
    positions = range(len(text) + 1)
    return Study(
        json=a.to_json(),
        lengths=[a.length_before, a.length_after],
        applied=str(apply(a, text)),
        aOverB=map_changes(a, b).to_json(),
        aOverBBefore=map_changes(a, b, before=True).to_json(),
        bOverA=map_changes(b, a).to_json(),
        bOverABefore=map_changes(b, a, before=True).to_json(),
        composed=compose(a, following).to_json(),
        inverted=invert(a, text).to_json(),
        positionsBefore=[map_pos(a, pos) for pos in positions],
        positionsAfter=[map_pos(a, pos, assoc=1) for pos in positions],
    )


@settings(max_examples=300)
@given(texts(), edits(), edits(), edits())
def test_cs7_to_cs11_every_operation_gives_what_codemirror_gives(
    oracle: Oracle, doc: str, a: list[Touch], b: list[Touch], following: list[Touch]
) -> None:
    case = case_of(doc, a, b, following)
    assert own_study(case) == oracle.study(case)


@pytest.mark.parametrize("seed", range(6))
def test_cs7_to_cs11_thousands_of_pairs_give_what_codemirror_gives(oracle: Oracle, seed: int) -> None:
    random = Random(seed)
    cases = [
        case_of(random_text(random, 16), random_edit(random), random_edit(random), random_edit(random))
        for _ in range(1_000)
    ]
    for case, expected in zip(cases, oracle.study_all(cases), strict=True):
        assert own_study(case) == expected, case


@given(texts(), edits())
def test_cs8_inverting_takes_the_edit_back(doc: str, edit: list[Touch]) -> None:
    text, changes = Text.of(doc), make(doc, edit)
    assert apply(invert(changes, text), apply(changes, text)) == text


@given(texts(), edits(), edits())
def test_cs9_a_composition_does_what_its_parts_do(doc: str, edit: list[Touch], following: list[Touch]) -> None:
    text, first = Text.of(doc), make(doc, edit)
    between = apply(first, text)
    second = make(str(between), following)
    assert apply(compose(first, second), text) == apply(second, between)


@settings(max_examples=300)
@given(texts(), edits(), edits())
def test_cs10_two_concurrent_edits_make_one_text_in_either_order(
    doc: str, edit_a: list[Touch], edit_b: list[Touch]
) -> None:
    text, a, b = Text.of(doc), make(doc, edit_a), make(doc, edit_b)
    a_then_b = apply(map_changes(b, a), apply(a, text))
    b_then_a = apply(map_changes(a, b, before=True), apply(b, text))
    assert a_then_b == b_then_a


def test_cs10_at_one_position_the_other_change_stands_first_unless_before_is_set() -> None:
    mine, theirs = ChangeSet.replace(2, 1, 1, "mine"), ChangeSet.replace(2, 1, 1, "theirs")
    after_theirs = apply(theirs, Text.of("[]"))
    assert str(apply(map_changes(mine, theirs), after_theirs)) == "[theirsmine]"
    assert str(apply(map_changes(mine, theirs, before=True), after_theirs)) == "[minetheirs]"


def test_cs11_a_position_stands_before_or_behind_what_is_inserted_at_it() -> None:
    changes = ChangeSet.replace(4, 2, 2, "xy")
    assert map_pos(changes, 2) == 2
    assert map_pos(changes, 2, assoc=1) == 4
    assert map_pos(changes, 4) == 6


@pytest.mark.parametrize("pos", [-1, 4, 10**30])
def test_cs11_a_position_outside_the_text_is_refused(pos: int) -> None:
    with pytest.raises(InvalidChange, match="outside a text of 3 UTF-16 code units"):
        map_pos(REMOVE_FIRST, pos)


@given(texts(), edits())
def test_cs7_an_identity_changes_nothing_in_any_operation(doc: str, edit: list[Touch]) -> None:
    text, changes = Text.of(doc), make(doc, edit)
    identity = ChangeSet.identity(utf16_length(doc))
    assert identity.is_empty
    assert apply(identity, text) == text
    assert compose(identity, changes) == changes == compose(changes, ChangeSet.identity(changes.length_after))
    assert map_changes(changes, identity) == changes
    assert map_changes(identity, changes) == ChangeSet.identity(changes.length_after)


@pytest.mark.parametrize("length", [0, 2, 4, 2**31 - 1])
def test_cs7_lengths_that_do_not_fit_are_refused_by_every_operation(length: int) -> None:
    other, text = ChangeSet.identity(length), Text.of("abc")
    with pytest.raises(InvalidChange, match="is for a text of"):
        apply(other, text)
    with pytest.raises(InvalidChange, match="is for a text of"):
        invert(other, text)
    with pytest.raises(InvalidChange, match="start from different texts"):
        map_changes(REMOVE_FIRST, other)
    if length != REMOVE_FIRST.length_after:
        with pytest.raises(InvalidChange, match="makes a text of"):
            compose(REMOVE_FIRST, other)


@pytest.mark.parametrize(
    "json",
    [[2, [0, "x"], 1], [1, [1], 1], [1, [1, "x"], 1], [2, [1]], [[1, "x"], [1, "y"], [1]]],
)
def test_cs5_an_edit_that_cuts_a_character_in_half_is_refused(json: object) -> None:
    changes, text = ChangeSet.from_json(json), Text.of("a😀")
    with pytest.raises(InvalidChange, match="cut a character in half"):
        apply(changes, text)
    with pytest.raises(InvalidChange, match="cut a character in half"):
        invert(changes, text)


@pytest.mark.parametrize("json", [[1, [1]], [[1], 1], [[1, "x"], 1]])
def test_cs5_a_composition_that_keeps_half_a_character_is_refused(json: object) -> None:
    with pytest.raises(InvalidChange, match="cuts a character in half"):
        compose(ChangeSet.replace(0, 0, 0, "😀"), ChangeSet.from_json(json))


@settings(max_examples=200)
@given(texts(), edits(), edits(), edits())
def test_cs6_whole_edits_stay_whole_wherever_they_are_moved(
    doc: str, edit_a: list[Touch], edit_b: list[Touch], following: list[Touch]
) -> None:
    """Applying is the proof, since it refuses cuts; and what is left can be held and sent."""
    text, a, b = Text.of(doc), make(doc, edit_a), make(doc, edit_b)
    after_b = apply(b, text)
    c = make(str(after_b), following)
    moved = map_changes(map_changes(a, b), c)
    result = apply(moved, apply(c, after_b))
    assert Text.of(str(result)) == result
    assert ChangeSet.from_json(moved.to_json()) == moved
