"""The spans of a group of changes: one transaction that belongs to many who asked."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager

from chatsynth.kit.tracing import NO_SPAN, Place, Tracer


def trace_group(
    tracer: Tracer | None, askers: Sequence[Place | None], began_s: float, commit_began_s: float
) -> AbstractContextManager[object]:
    """Records a group that was just committed; in the block, its news are told. Part of what the first one asked for,
    and linked to what the others did."""
    if tracer is None:
        return NO_SPAN
    known = [each for each in askers if each is not None]
    if not known:
        return NO_SPAN
    now_ns, now_s = time.time_ns(), time.monotonic()

    def at_ns(moment_s: float) -> int:
        return now_ns - int((now_s - moment_s) * 1e9)

    size = {"chatsynth.changes": len(askers)}
    group = tracer.record("write group", at_ns(began_s), now_ns, size, known[0], known[1:])
    tracer.record("commit", at_ns(commit_began_s), now_ns, {}, group)
    return tracer.within(group)
