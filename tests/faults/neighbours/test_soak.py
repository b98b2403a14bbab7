"""After everything that connections can do, and all of them gone, the server is as it was."""

import os
from pathlib import Path

import pytest

from tests.faults.neighbours.soak import SETTINGS, slope, soak
from tests.harness.running_server import running_server

pytestmark = pytest.mark.anyio

CYCLES = int(os.environ.get("CHATSYNTH_TEST_SOAK", "6"))
MOST_KB_OF_A_CYCLE = 1500
"""Measured over 39 cycles: 15. A leak of what one cycle holds in memory would be several thousand."""


async def test_nothing_stays_of_what_came_and_went(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", SETTINGS) as server:
        start, *after = await soak(server, CYCLES)
    assert len(after) == CYCLES
    assert all(each.has_settled(start) for each in after), after
    warm = after[len(after) // 2 :]
    assert slope([each.memory_kb for each in warm]) < MOST_KB_OF_A_CYCLE, warm


def test_a_slope_is_the_growth_of_a_step() -> None:
    assert slope([5.0, 7.0, 9.0]) == 2.0
    assert slope([3.0, 3.0]) == 0.0
