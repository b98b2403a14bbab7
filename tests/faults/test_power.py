"""The power fails while people type: what was acknowledged is there afterwards, once (promises P1 and P3).

`CHATSYNTH_TEST_POWER_CUTS` and `CHATSYNTH_TEST_POWER_ACKS` make it larger; so does `python -m tests.faults.power_cuts`.
"""

import asyncio
import os
from random import Random

import pytest

from tests.faults.journal import Call
from tests.faults.power_cuts import cut_power, without_syncs
from tests.faults.recording import Recording, record
from tests.faults.vfs import why_not_possible
from tests.harness.history import Rule, report

CUTS = int(os.environ.get("CHATSYNTH_TEST_POWER_CUTS", "16"))
ACKS = int(os.environ.get("CHATSYNTH_TEST_POWER_ACKS", "200"))

pytestmark = [pytest.mark.slow, pytest.mark.skipif(why_not_possible() is not None, reason=str(why_not_possible()))]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return asyncio.run(record(tmp_path_factory.mktemp("power").resolve(), ACKS, Random(1)))


@pytest.mark.timeout(60 + 2 * CUTS)
def test_a_power_cut_loses_nothing_that_was_acknowledged(recording: Recording) -> None:
    assert sum(each.call is Call.WRITE for each in recording.records) > ACKS
    assert len(recording.ack_times_s()) >= ACKS
    done = cut_power(recording, CUTS, Random(2))
    assert done.broken == []
    assert done.findings == [], report(done.findings)
    assert done.cuts == CUTS


def test_the_same_check_finds_what_is_lost_when_nobody_waits_for_the_disk(recording: Recording) -> None:
    done = cut_power(recording, 6, Random(3), without_syncs(recording.records))
    assert done.broken or Rule.ACK_LOST in {finding.rule for finding in done.findings}
