"""How large a transaction may be: small as soon as somebody else writes."""

import sqlite3
from contextlib import closing

from chatsynth.database.unit import Unit
from chatsynth.features.imports.pacing import ALONE, BESIDE_OTHERS, OTHERS_STAY_S, Pace
from chatsynth.realtime.publication import AfterCommit
from tests.features.imports.importing import Library

TRANSACTION_S = (ALONE.aim_s + BESIDE_OTHERS.aim_s) / 2
"""Short for who is alone, and long for who is not."""


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def write(library: Library, pace: Pace, clock: Clock, transactions: int) -> None:
    """As an import, whose every transaction holds the lock equally long."""

    def work(unit: Unit[AfterCommit]) -> None:
        with pace.writing(unit.db, pace.most_cost):
            clock.now += TRANSACTION_S

    for _ in range(transactions):
        library.context.writer.run(work)


def test_transactions_get_short_as_soon_as_somebody_else_writes(library: Library) -> None:
    clock = Clock()
    pace = Pace(clock)
    write(library, pace, clock, 10)
    assert pace.most_cost == ALONE.most_cost
    with closing(sqlite3.connect(library.database)) as db, db:
        db.execute("UPDATE users SET name = 'Somebody'")
    write(library, pace, clock, 1)
    assert pace.most_cost < ALONE.most_cost
    write(library, pace, clock, 20)
    assert pace.most_cost < ALONE.least_cost
    clock.now += OTHERS_STAY_S
    write(library, pace, clock, 10)
    assert pace.most_cost == ALONE.most_cost, "nobody else has written for a while"
