"""The figures of the last hour, for people; Prometheus makes its own."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

from chatsynth.database.writer import WriterCounts
from chatsynth.kit.last_hour import LastHour
from chatsynth.kit.measure import quantile
from chatsynth.node import Node
from chatsynth.realtime.counts import EndReason

NOTE_INTERVAL_S = 60.0
HARMLESS_ENDS = frozenset({EndReason.CLIENT_LEFT, EndReason.GOING_AWAY, EndReason.SIGNED_OUT, EndReason.EXPIRED})


@dataclass(frozen=True, slots=True)
class Counted:
    """What had happened by one moment."""

    ends: Counter[EndReason]
    write_s: tuple[int, ...]
    write_failures: int


@dataclass(frozen=True, slots=True)
class Recent:
    """What happened in the last hour."""

    drops: dict[str, int]
    """Connections that ended for a reason that somebody may want to look into."""
    write_p50_s: float | None
    write_p99_s: float | None
    write_failures: int


class RecentFigures:
    """Notes the counts of a node each minute, for as long as it runs."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._last_hour = LastHour(self._count())

    async def run(self) -> None:
        while True:
            await asyncio.sleep(NOTE_INTERVAL_S)
            self._last_hour.note(time.monotonic(), self._count())

    def now(self) -> Recent:
        before, after = self._last_hour.an_hour_ago(time.monotonic()), self._count()
        return between(before, after, self._node.context.writer.counts)

    def _count(self) -> Counted:
        writer = self._node.context.writer.counts
        return Counted(Counter(self._node.hub.counts.ends), tuple(writer.write_s.counts), sum(writer.failures.values()))


def between(before: Counted, after: Counted, writer: WriterCounts) -> Recent:
    bounds = writer.write_s.bounds
    writes = [late - early for early, late in zip(before.write_s, after.write_s, strict=True)]
    drops = after.ends - before.ends
    return Recent(
        drops={str(reason): count for reason, count in drops.items() if reason not in HARMLESS_ENDS},
        write_p50_s=quantile(bounds, writes, 0.5),
        write_p99_s=quantile(bounds, writes, 0.99),
        write_failures=after.write_failures - before.write_failures,
    )
