"""What people meant, against what is stored: all that was written and not taken out is there once, where it was put.

Everybody may agree on a text that is wrong: a save that wiped out another's words leaves all equal. Here nobody is
asked what the text should be but who put each mark in and who took it out, having seen it (promise P5, rule TXT2).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from tests.convergence.marks import marks_in
from tests.harness.editor import Typed

Name = tuple[int, str]
"""A person and their name for a change."""
Gap = tuple[int, str, str]
"""A message and the two marks between which something was put; empty at an end of the text."""


@dataclass(frozen=True)
class Meant:
    """One change: the marks that it wrote and took out, the texts of messages as its author saw them afterwards.

    `perhaps_taken`: nobody can tell any more whether they were to go. `gap`: all it did was to put something there.
    """

    by: Name
    wrote: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    perhaps_taken: frozenset[str] = frozenset()
    seen: Sequence[tuple[int, str]] = ()
    gap: Gap | None = None


@dataclass
class Intents:
    """Filled while people work; a change counts if it took effect."""

    changes: dict[Name, Meant] = field(default_factory=dict)

    def add(self, meant: Meant) -> None:
        self.changes[meant.by] = meant

    def typed(self, by: Name, message_id: int, typed: Sequence[Typed]) -> None:
        """A change set, of one or several things that were typed."""
        sure = [each for each in typed if not each.is_vague]
        only = typed[0] if len(typed) == 1 and sure else None
        self.add(
            Meant(
                by,
                wrote=_marks(each.insert for each in typed),
                taken=_marks(each.taken for each in sure),
                perhaps_taken=_marks(each.taken for each in typed),
                seen=[(message_id, each.after) for each in sure],
                gap=_gap(message_id, only) if only is not None and only.start == only.end else None,
            )
        )


def _marks(texts: Iterator[str] | Sequence[str]) -> frozenset[str]:
    return frozenset(mark for text in texts for mark in marks_in(text))


def _gap(message_id: int, typed: Typed) -> Gap | None:
    """None where what stands beside it is no mark, so that nobody can say later what the place was."""
    at = len(typed.before.encode("utf-16-le")[: 2 * typed.start].decode("utf-16-le"))
    left, right = typed.before[max(0, at - 1) : at], typed.before[at : at + 1]
    are_marks = all(not each or marks_in(each) for each in (left, right))
    return (message_id, left, right) if are_marks else None


def misunderstandings(
    intents: Intents, done: Mapping[Name, tuple[str, int]], texts: Mapping[int, str]
) -> Iterator[str]:
    """`done`: the changes that took effect, and where they stand. `texts`: every message that is stored."""
    counted = [meant for by, meant in intents.changes.items() if by in done]
    yield from _lost_or_back(counted, Counter(mark for text in texts.values() for mark in marks_in(text)))
    for meant in counted:
        for message_id, seen in meant.seen:
            yield from _out_of_order(meant, seen, texts.get(message_id, ""))
    yield from _ties(counted, done, texts)


def _lost_or_back(counted: Sequence[Meant], found: Counter[str]) -> Iterator[str]:
    wrote = {mark: meant for meant in counted for mark in meant.wrote}
    taken = {mark: meant for meant in counted for mark in meant.taken}
    perhaps = {mark for meant in counted for mark in meant.perhaps_taken}
    for mark, count in found.items():
        if mark not in wrote:
            yield f"{mark!r} is stored, but no change that took effect wrote it"
        elif count > 1:
            yield f"{mark!r} of {wrote[mark].by} is stored {count} times"
        elif mark in taken:
            yield f"{mark!r} of {wrote[mark].by} is stored, but {taken[mark].by} took it out"
    for mark in wrote.keys() - found.keys() - taken.keys() - perhaps:
        yield f"{mark!r} of {wrote[mark].by} is gone, and nobody who saw it took it out"


def _out_of_order(meant: Meant, seen: str, stored: str) -> Iterator[str]:
    """Nothing moves within a text: what is left of what somebody saw stands in the order that they saw."""
    before, now = marks_in(seen), marks_in(stored)
    left, known = set(now), set(before)
    if [each for each in before if each in left] != [each for each in now if each in known]:
        yield f"{meant.by} saw {seen!r}, and {stored!r} has it in another order"


def _ties(counted: Sequence[Meant], done: Mapping[Name, tuple[str, int]], texts: Mapping[int, str]) -> Iterator[str]:
    """Where two who did not know of each other put something at the same place, the first committed stands first."""
    at_gap: dict[Gap, list[Meant]] = {}
    for meant in sorted(counted, key=lambda each: done[each.by]):
        if meant.gap is not None:
            at_gap.setdefault(meant.gap, []).append(meant)
    for (message_id, _, _), several in at_gap.items():
        stands = {mark: at for at, mark in enumerate(marks_in(texts.get(message_id, "")))}
        for first, second in combinations(several, 2):
            yield from _tie(first, second, stands)


def _tie(first: Meant, second: Meant, stands: Mapping[str, int]) -> Iterator[str]:
    (_, seen_first), (_, seen_second) = first.seen[0], second.seen[0]
    if first.wrote & set(seen_second) or second.wrote & set(seen_first):
        return
    places, later = ([stands[mark] for mark in each.wrote & stands.keys()] for each in (first, second))
    if places and later and max(places) > min(later):
        yield f"{second.by} put something before what {first.by} had put at the same place and committed before"
