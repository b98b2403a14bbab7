"""The oracle of what was meant, itself: each way to store something else is found, and what is right is not."""

from collections.abc import Mapping

import pytest

from tests.convergence.intent import Intents, misunderstandings
from tests.convergence.marks import Marks, marks_in
from tests.harness.editor import Typed

ADA, BEN, CLEO, NOBODY = (1, "a"), (2, "b"), (3, "c"), (4, "n")
A, B, C, D, E, F = marks_in(Marks().put_into("............"))
START = f"{A}{B}{C}"
"""Written by Ada; then Ben and Cleo, who do not know of each other, go on from it."""


def _meant() -> Intents:
    intents = Intents()
    intents.typed(ADA, 5, [Typed("", 0, 0, START)])
    units = len(f"{A}{B}".encode("utf-16-le")) // 2
    intents.typed(BEN, 5, [Typed(START, units, units, D)])
    intents.typed(CLEO, 5, [Typed(START, units, units, E)])
    after_a, after_b = len(A.encode("utf-16-le")) // 2, units
    intents.typed((2, "b2"), 5, [Typed(f"{A}{B}{D}{C}", after_a, after_b, "")])
    intents.typed(NOBODY, 5, [Typed(START, 0, 0, F)])  # was refused
    return intents


DONE = {ADA: ("chat:1", 2), BEN: ("chat:1", 3), CLEO: ("chat:1", 4), (2, "b2"): ("chat:1", 5)}
RIGHT = f"{A}{D}{E}{C}"


def _found(texts: Mapping[int, str]) -> str:
    return "\n".join(misunderstandings(_meant(), DONE, texts))


def test_what_was_meant_is_found_right() -> None:
    assert _found({5: RIGHT, 6: "not of this history"}) == ""


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        (f"{A}{D}{C}", "is gone, and nobody who saw it took it out"),
        (f"{A}{D}{E}{E}{C}", "is stored 2 times"),
        (f"{A}{B}{D}{E}{C}", "took it out"),
        (f"{F}{A}{D}{E}{C}", "no change that took effect wrote it"),
        (f"{D}{A}{E}{C}", "in another order"),
        (f"{A}{E}{D}{C}", "put something before"),
        ("", "is gone"),
    ],
    ids=["wiped out", "doubled", "brought back", "refused", "moved", "late one first", "all gone"],
)
def test_each_way_to_store_something_else_is_found(stored: str, why: str) -> None:
    assert why in _found({5: stored})


def test_a_mark_in_two_messages_is_doubled() -> None:
    assert "is stored 2 times" in _found({5: RIGHT, 6: A})


def test_what_was_typed_over_a_gap_may_be_gone_or_not_but_is_never_lost() -> None:
    intents = Intents()
    intents.typed(ADA, 5, [Typed("", 0, 0, f"{A}{B}")])
    length = len(f"{A}{B}".encode("utf-16-le")) // 2
    intents.typed(BEN, 5, [Typed(f"{A}{B}", 0, length, C, is_vague=True)])
    for stored in (f"{A}{B}{C}", C, f"{C}{B}{A}"[:1]):
        assert list(misunderstandings(intents, DONE, {5: stored})) == []
    assert "is gone" in "\n".join(misunderstandings(intents, DONE, {5: f"{A}{B}"}))
