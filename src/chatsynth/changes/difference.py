"""From a whole new text back to the edit that someone probably made."""

import re
from collections.abc import Callable
from itertools import accumulate
from typing import NamedTuple

from chatsynth.changes.change_set import ChangeSet
from chatsynth.changes.matching import Budget, find_matches
from chatsynth.changes.sections import SectionWriter
from chatsynth.changes.text import Text, encode

BUDGET_STEPS = 500_000
"""Bounds the work: hostile texts of 1 MB get one coarse hunk rather than the server's attention."""

MAX_WORD_CHARACTERS = 400_000
"""The largest stretch, old and new together, that is compared word by word."""

MAX_HUNKS = 2_000
"""The most changes in one difference: beyond that, neighbours become one."""

MAX_CHARACTERS = 2_000
"""The largest stretch, old and new together, that is compared character by character."""

_WORD = re.compile(r"\w+|\s+|[^\w\s]")

Tokenizer = Callable[[str], list[str]]


class Hunk(NamedTuple):
    """A stretch of the old text and what replaces it in the new, as indices into Python strings."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int

    @property
    def removed(self) -> int:
        """How many characters of the old text go."""
        return self.old_end - self.old_start

    @property
    def inserted(self) -> int:
        """How many characters of the new text come."""
        return self.new_end - self.new_start

    @property
    def size(self) -> int:
        """The larger of the two; zero when there is nothing to do."""
        return max(self.removed, self.inserted)


def diff(old: Text | str, new: str) -> ChangeSet:
    """Return a small, readable change set that makes `new` of `old`.

    Lines are compared first, then the words of the lines that differ, then the characters of the words, never
    half a character. The work is bounded: texts with little in common give coarser hunks, at most
    `MAX_HUNKS`. Raises `InvalidChange` when a text is not as `normalize_text` returns it.
    """
    before = str(old)
    encode(before)
    encode(new)
    return _to_change_set(before, new, _limit_count(_compare(before, new)))


def _compare(old: str, new: str) -> list[Hunk]:
    budget = Budget(BUDGET_STEPS)
    hunks: list[Hunk] = []
    whole = _trim(old, new, Hunk(0, len(old), 0, len(new)))
    for lines in _refine(old, new, whole, _lines, budget):
        parts: list[Hunk] = []
        for words in _refine_up_to(MAX_WORD_CHARACTERS, old, new, lines, _words, budget):
            parts += _refine_up_to(MAX_CHARACTERS, old, new, words, list, budget)
        hunks += _without_crumbs(parts)
    return hunks


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _refine_up_to(size: int, old: str, new: str, hunk: Hunk, tokenize: Tokenizer, budget: Budget) -> list[Hunk]:
    return _refine(old, new, hunk, tokenize, budget) if hunk.removed + hunk.inserted <= size else [hunk]


def _refine(old: str, new: str, hunk: Hunk, tokenize: Tokenizer, budget: Budget) -> list[Hunk]:
    """Replace a hunk by the smaller hunks that are left when equal tokens are taken out of it."""
    if not (hunk.removed and hunk.inserted):
        return [hunk] if hunk.size else []
    old_start, old_end, new_start, new_end = hunk
    old_tokens, new_tokens = tokenize(old[old_start:old_end]), tokenize(new[new_start:new_end])
    budget.left -= len(old_tokens) + len(new_tokens)
    if budget.left < 0:
        return [hunk]
    numbers: dict[str, int] = {}
    matches = find_matches(_number(old_tokens, numbers), _number(new_tokens, numbers), budget)
    old_at = list(accumulate(map(len, old_tokens), initial=old_start))
    new_at = list(accumulate(map(len, new_tokens), initial=new_start))
    hunks: list[Hunk] = []
    for match in matches:
        hunks.append(Hunk(old_start, old_at[match.old], new_start, new_at[match.new]))
        old_start, new_start = old_at[match.old + match.length], new_at[match.new + match.length]
    hunks.append(Hunk(old_start, old_end, new_start, new_end))
    return [_trim(old, new, hunk) for hunk in hunks if hunk.size]


def _number(tokens: list[str], numbers: dict[str, int]) -> list[int]:
    """Give equal tokens equal numbers, which compare in constant time."""
    return [numbers.setdefault(token, len(numbers)) for token in tokens]


def _trim(old: str, new: str, hunk: Hunk) -> Hunk:
    """Take what both sides start and end with out of a hunk."""
    old_start, old_end, new_start, new_end = hunk
    removed, inserted = old[old_start:old_end], new[new_start:new_end]
    start = _common_start(removed, inserted)
    end = _common_start(removed[start:][::-1], inserted[start:][::-1])
    return Hunk(old_start + start, old_end - end, new_start + start, new_end - end)


def _common_start(one: str, other: str) -> int:
    """Count the characters that both start with, by halving: slices compare far faster than characters."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _without_crumbs(hunks: list[Hunk]) -> list[Hunk]:
    """Join hunks when what is kept between them is no longer than either: chance, and hard to read."""
    joined: list[Hunk] = []
    for hunk in hunks:
        wider = hunk
        while joined and wider.old_start - joined[-1].old_end <= min(joined[-1].size, wider.size):
            wider = _span(joined.pop(), wider)
        joined.append(wider)
    return joined


def _span(first: Hunk, last: Hunk) -> Hunk:
    return Hunk(first.old_start, last.old_end, first.new_start, last.new_end)


def _limit_count(hunks: list[Hunk]) -> list[Hunk]:
    """Join neighbours in equal groups until there are at most `MAX_HUNKS`."""
    group = -(-len(hunks) // MAX_HUNKS) or 1
    return [_span(hunks[index], hunks[min(index + group, len(hunks)) - 1]) for index in range(0, len(hunks), group)]


def _to_change_set(old: str, new: str, hunks: list[Hunk]) -> ChangeSet:
    writer = SectionWriter()
    at = 0
    for hunk in hunks:
        writer.keep(_utf16_length(old[at : hunk.old_start]))
        writer.replace(_utf16_length(old[hunk.old_start : hunk.old_end]), encode(new[hunk.new_start : hunk.new_end]))
        at = hunk.old_end
    writer.keep(_utf16_length(old[at:]))
    return ChangeSet(*writer.finish())


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) >> 1
