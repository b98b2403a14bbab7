"""Everything goes wrong at once, for a few seconds (promises P1, P3, P4, P6). `make chaos` goes on for minutes or
hours; `CHATSYNTH_TEST_CHAOS_S` makes this test longer."""

import os
from pathlib import Path
from random import Random

import pytest

from tests.faults.chaos.figures import Figures
from tests.faults.chaos.round import one_round
from tests.faults.vfs import why_not_possible
from tests.harness.history import report

SECONDS = float(os.environ.get("CHATSYNTH_TEST_CHAOS_S", "8"))

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.slow,
    pytest.mark.skipif(why_not_possible() is not None, reason=str(why_not_possible())),
]


@pytest.mark.timeout(240 + 3 * SECONDS)
async def test_chaos_loses_and_doubles_nothing(tmp_path: Path) -> None:
    figures = Figures()
    await one_round(tmp_path, SECONDS, Random("a few seconds"), figures)
    assert figures.mistakes == [], figures.mistakes[0]
    assert figures.findings == [], report(figures.findings)
    assert figures.acked > 0
    assert figures.troubles.total() > 2
