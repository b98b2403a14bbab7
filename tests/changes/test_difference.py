"""A saved whole text becomes the small edit that someone probably made."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatsynth.changes import ChangeSet, InvalidChange, Text, apply, diff
from chatsynth.changes.difference import MAX_HUNKS
from tests.changes.samples import Touch, make, texts, touches

PARAGRAPH = "The quick brown fox jumps over the lazy dog.\n"


def hunks(changes: ChangeSet) -> int:
    return sum(isinstance(part, list) for part in changes.to_json())


def touched(changes: ChangeSet) -> int:
    """Count the code units that are deleted or inserted."""
    changed = [section for section in zip(changes.lengths, changes.texts, strict=True) if section[1] is not None]
    return sum(length + len(text or b"") // 2 for length, text in changed)


def assert_makes(changes: ChangeSet, old: str, new: str) -> None:
    assert str(apply(changes, Text.of(old))) == new, "apply refuses every cut within a character"
    ChangeSet.from_json(changes.to_json())


@settings(max_examples=300)
@given(texts(40), texts(40))
def test_cs14_the_difference_of_any_two_texts_makes_the_one_of_the_other(old: str, new: str) -> None:
    assert_makes(diff(old, new), old, new)
    assert diff(Text.of(old), new) == diff(old, new)


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(["one ", "two ", "漢字 ", "😀", "\n", PARAGRAPH]), max_size=60).map("".join),
    touches(),
)
def test_cs14_the_difference_touches_no_more_than_the_edit_did(old: str, edit: Touch) -> None:
    changes = make(old, [edit])
    new = str(apply(changes, Text.of(old)))
    assert_makes(diff(old, new), old, new)
    assert touched(diff(old, new)) <= touched(changes)


def test_cs14_equal_texts_have_no_difference() -> None:
    assert diff("a😀\n", "a😀\n") == ChangeSet.identity(4)
    assert diff("", "") == ChangeSet.identity(0)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "ab\nc", [[0, "ab", "c"]]),
        ("ab", "", [[2]]),
        ("colour", "color", [4, [1], 1]),
        ("one two three", "one 2 three", [4, [3, "2"], 6]),
        ("the cat sat", "a dog sat", [[7, "a dog"], 4]),
        ("😀x", "😁x", [[2, "😁"], 1]),
        ("a\nb\nc\nd\n", "a\nX\nc\nY\n", [2, [1, "X"], 3, [1, "Y"], 1]),
        ("first line\nsecond line\n", "first line\nnew\nsecond line\n", [11, [0, "new", ""], 12]),
        ("我喜欢吃苹果和香蕉", "他喜欢吃苹果和葡萄", [[1, "他"], 6, [2, "葡萄"]]),
    ],
)
def test_cs15_differences_are_small_and_readable(old: str, new: str, expected: object) -> None:
    assert diff(old, new).to_json() == expected


def test_cs15_edits_far_apart_stay_apart() -> None:
    lines = [f"Line {number} of a long answer, with words that all lines share.\n" for number in range(2_000)]
    changed = [line.replace("words", "terms") if number % 100 == 50 else line for number, line in enumerate(lines)]
    changes = diff("".join(lines), "".join(changed))
    assert_makes(changes, "".join(lines), "".join(changed))
    assert hunks(changes) == 20
    assert all(part == [4, "term"] for part in changes.to_json() if isinstance(part, list))


def test_cs15_concurrent_edits_survive_a_save_of_the_whole_text() -> None:
    """The reason to diff at all: what someone else typed meanwhile is elsewhere in the text and stays."""
    old = PARAGRAPH * 3
    changes = diff(old, old.replace("quick", "slow", 1) + "The end.")
    parts = changes.to_json()
    assert parts == [4, [5, "slow"], 3 * len(PARAGRAPH) - 9, [0, "The end."]]


@pytest.mark.parametrize("bad", ["a\r\n", "\0", "\ud83d"])
def test_cs4_a_text_that_is_not_normal_is_refused(bad: str) -> None:
    with pytest.raises(InvalidChange):
        diff("a", bad)
    with pytest.raises(InvalidChange):
        diff(bad, "a")


def hostile() -> dict[str, tuple[str, str]]:
    random = Random(7)
    size = 1_000_000
    shuffled = [f"line {number}\n" for number in range(size // 12)]
    return {
        "no line in common": ("a" * size, "ab" * (size // 2)),
        "words that repeat": ("a " * (size // 2), "a b " * (size // 4)),
        "lines that repeat": ("a\n" * (size // 2), "a\nb\n" * (size // 4)),
        "every second line": ("a\n" * (size // 4), "".join(f"{n}\na\n" for n in range(size // 10))),
        "reversed lines": ("".join(shuffled), "".join(reversed(shuffled))),
        "shuffled lines": ("".join(shuffled), "".join(random.sample(shuffled, len(shuffled)))),
        "noise": tuple("".join(random.choices("ab \n😀", k=size // 4)) for _ in range(2)),  # type: ignore[dict-item]
    }


@pytest.mark.parametrize("name", hostile())
def test_cs16_hostile_texts_get_a_coarse_difference_in_bounded_work(name: str) -> None:
    old, new = hostile()[name]
    changes = diff(old, new)
    assert_makes(changes, old, new)
    assert hunks(changes) <= MAX_HUNKS
