"""People type at full speed while the server is killed again and again: nothing acknowledged is lost, nothing is
there twice (promises P1 and P3). `CHATSYNTH_TEST_KILLS` kills more often; so does `python -m tests.faults.kills`."""

import os
from pathlib import Path
from random import Random

import pytest

from tests.faults.kills import kill_one_library
from tests.faults.vfs import why_not_possible
from tests.harness.history import report

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.slow,
    pytest.mark.skipif(why_not_possible() is not None, reason=str(why_not_possible())),
]

KILLS = int(os.environ.get("CHATSYNTH_TEST_KILLS", "12"))
LIFETIMES = 4
"""How many kills one library goes through."""
ACKS = 60
"""At most, in each of its lives."""


@pytest.mark.timeout(60 + 30 * LIFETIMES)
@pytest.mark.parametrize("seed", range((KILLS + LIFETIMES - 1) // LIFETIMES))
async def test_killed_while_people_type(tmp_path: Path, seed: int) -> None:
    done = await kill_one_library(tmp_path, min(LIFETIMES, KILLS), Random(seed), ACKS)
    assert (done.lost, done.doubled) == (0, 0)
    assert done.findings == [], report(done.findings)
    assert done.kills == min(LIFETIMES, KILLS)
    assert done.acked > 0
