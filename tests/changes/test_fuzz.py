"""Whatever is sent as a change set: it is read or refused with `InvalidChange`, and what was read obeys its algebra."""

import os
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatsynth.changes import ChangeSet, InvalidChange, Text, apply, compose, invert, map_changes, map_pos, rebase
from tests.changes.samples import parts_of, random_edit, random_text
from tests.harness.damage import spiced

EXAMPLES = int(os.environ.get("CHATSYNTH_TEST_FUZZ", "25")) * 20
seeds = st.integers(0, 2**32)


def read(json: object) -> ChangeSet | None:
    try:
        return ChangeSet.from_json(json)
    except InvalidChange:
        return None


@settings(max_examples=EXAMPLES)
@given(seeds)
def test_whatever_is_read_is_applied_and_undone_or_refused(seed: int) -> None:
    random = Random(seed)
    text = random_text(random, 12)
    changes = read(spiced(random, parts_of(text, random_edit(random)), random.choice([0.0, 0.05, 0.2])))
    if changes is None:
        return
    assert ChangeSet.from_json(changes.to_json()) == changes
    try:
        after = apply(changes, Text.of(text))
    except InvalidChange:
        return
    assert len(after) == changes.length_after
    assert str(after).encode("utf-16-le") == after.units
    assert apply(invert(changes, Text.of(text)), after) == Text.of(text)


@settings(max_examples=EXAMPLES)
@given(seeds)
def test_any_two_are_joined_and_mapped_or_refused(seed: int) -> None:
    """Also two that were never made for one text."""
    random = Random(seed)
    one, other = (read(parts_of(random_text(random, 8), random_edit(random))) for _ in range(2))
    assert one is not None
    assert other is not None
    for act in (compose, map_changes, lambda a, b: rebase(a, [b])):
        try:
            made = act(one, other)
        except InvalidChange as refused:
            assert str(refused).endswith(".")  # noqa: PT017 - a result is right as well
        else:
            assert ChangeSet.from_json(made.to_json(), max_parts=None) == made
    for position in (0, one.length_before):
        assert 0 <= map_pos(one, position, random.choice([-1, 1])) <= one.length_after


@pytest.mark.parametrize("position", [-1, 10**9])
def test_a_position_outside_is_refused(position: int) -> None:
    with pytest.raises(InvalidChange):
        map_pos(ChangeSet.identity(5), position, 1)
