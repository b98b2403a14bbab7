"""When the administrator is warned, and when not."""

from collections import Counter
from dataclasses import replace

import pytest

from chatsynth.database.integrity import Integrity
from chatsynth.database.writer import WriterCounts
from chatsynth.operations.files import FileSizes
from chatsynth.operations.recent import Counted, Recent, between
from chatsynth.operations.warnings import GIB, MIB, OLD_CHECK_MS, Facts, warnings_of
from chatsynth.realtime.counts import EndReason

NOW_MS = 1_800_000_000_000
ROOMY = FileSizes(database_bytes=GIB, wal_bytes=MIB, disk_free_bytes=50 * GIB, disk_bytes=100 * GIB)
QUIET = Recent(drops={}, write_p50_s=0.001, write_p99_s=0.005, write_failures=0)
WELL = Facts(
    now_ms=NOW_MS,
    library_since_ms=NOW_MS - 1000,
    files=ROOMY,
    integrity=Integrity(NOW_MS, "ok"),
    recent=QUIET,
    clock_step_s=0.2,
    open_files=100,
    most_files=1024,
    comes_without_https=False,
    comes_through_unknown_proxy=False,
    metrics_are_open=False,
)


def test_a_server_that_is_well_warns_of_nothing() -> None:
    assert warnings_of(WELL) == ()
    assert warnings_of(replace(WELL, integrity=None)) == ()
    assert warnings_of(replace(WELL, recent=replace(QUIET, write_p99_s=None, drops={"stalled": 3}))) == ()


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("damaged", replace(WELL, integrity=Integrity(NOW_MS, "page 7 is never used"))),
        ("write_failures", replace(WELL, recent=replace(QUIET, write_failures=2))),
        ("little_disk", replace(WELL, files=replace(ROOMY, disk_free_bytes=GIB - 1))),
        ("little_disk", replace(WELL, files=replace(ROOMY, disk_free_bytes=4 * GIB))),
        ("large_wal", replace(WELL, files=replace(ROOMY, wal_bytes=600 * MIB))),
        ("slow_writes", replace(WELL, recent=replace(QUIET, write_p99_s=2.5))),
        ("mistakes", replace(WELL, recent=replace(QUIET, drops={"mistake": 1}))),
        ("clock", replace(WELL, clock_step_s=-3600.0)),
        ("open_files", replace(WELL, open_files=900)),
        ("no_https", replace(WELL, comes_without_https=True)),
        ("unknown_proxy", replace(WELL, comes_through_unknown_proxy=True)),
        ("open_metrics", replace(WELL, metrics_are_open=True)),
        ("old_check", replace(WELL, integrity=Integrity(NOW_MS - OLD_CHECK_MS, "ok"))),
        ("old_check", replace(WELL, integrity=None, library_since_ms=NOW_MS - OLD_CHECK_MS)),
    ],
)
def test_each_trouble_is_told_in_a_sentence(code: str, facts: Facts) -> None:
    (warning,) = warnings_of(facts)
    assert warning.code == code
    assert warning.sentence.endswith((".", "`."))
    assert "None" not in warning.sentence


def test_the_last_hour_is_what_happened_since_then() -> None:
    writer = WriterCounts()
    before = Counted(Counter({EndReason.STALLED: 2}), tuple(writer.write_s.counts), 1)
    for _ in range(99):
        writer.write_s.observe(0.004)
    writer.write_s.observe(0.9)
    ends = Counter({EndReason.STALLED: 5, EndReason.CLIENT_LEFT: 9, EndReason.BAD_FRAME: 1})
    recent = between(before, Counted(ends, tuple(writer.write_s.counts), 4), writer)
    assert recent == Recent({"stalled": 3, "bad_frame": 1}, write_p50_s=0.005, write_p99_s=0.005, write_failures=3)
