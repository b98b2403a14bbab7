"""Texts and edits to test with: emoji, flags, CJK, combining marks, newlines; edits that meet each other."""

from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from chatsynth.changes import ChangeJson, ChangeSet

ATOMS = ["a", "b", "c", " ", "\n", "é", "e\u0301", "漢", "字", "😀", "😁", "👩‍👩‍👧", "🇩🇪", "\u2028"]


class Touch(NamedTuple):
    """Go on by `skip` characters, delete `delete`, insert `insert`; the text may end before."""

    skip: int
    delete: int
    insert: str


def texts(max_size: int = 12) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(ATOMS), max_size=max_size).map("".join)


def touches() -> st.SearchStrategy[Touch]:
    return st.builds(Touch, st.integers(0, 5), st.integers(0, 4), texts(3))


def edits() -> st.SearchStrategy[list[Touch]]:
    return st.lists(touches(), max_size=4)


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def parts_of(text: str, edit: list[Touch]) -> ChangeJson:
    """Write an edit as JSON by hand, without the code under test; parts that do nothing are left in."""
    parts: ChangeJson = []
    for skip, delete, insert in edit:
        parts.append(utf16_length(text[:skip]))
        text = text[skip:]
        parts.append([utf16_length(text[:delete]), *(insert.split("\n") if insert else [])])
        text = text[delete:]
    return [*parts, utf16_length(text)]


def make(text: str, edit: list[Touch]) -> ChangeSet:
    return ChangeSet.from_json(parts_of(text, edit))


def random_text(random: Random, longest: int) -> str:
    return "".join(random.choices(ATOMS, k=random.randint(0, longest)))


def random_edit(random: Random) -> list[Touch]:
    return [
        Touch(random.randint(0, 5), random.choice([0, 0, 1, 2, 4]), random_text(random, 3))
        for _ in range(random.randint(0, 4))
    ]
