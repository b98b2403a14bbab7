"""The log alone: gapless, and each change once (promises P3 and P4)."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from tests.harness.history.findings import Finding, Rule
from tests.harness.history.record import Log


def log_findings(logs: Mapping[str, Log]) -> Iterator[Finding]:
    for log in logs.values():
        yield from _gaps(log)
        yield from _repeated_ops(log)


def _gaps(log: Log) -> Iterator[Finding]:
    offsets = [entry["offset"] for entry in log.entries]
    expected = list(range(log.pruned_to + 1, log.head + 1))
    if offsets != expected:
        at = next((want for want, got in zip(expected, offsets, strict=False) if want != got), len(offsets))
        yield Finding(
            Rule.LOG_GAP,
            log.channel,
            f"kept after {log.pruned_to} with head {log.head}, but {len(offsets)} entries, wrong from about {at}",
        )


def _repeated_ops(log: Log) -> Iterator[Finding]:
    """A save of a whole chat leaves several entries of one name: side by side, and made at one time."""
    seen: set[tuple[int | None, str]] = set()
    for (by, op, _), _ in groupby(log.entries, key=lambda entry: (entry["by"], entry["op"], entry["at"])):
        if op is None:
            continue
        if (by, op) in seen:
            yield Finding(Rule.OP_TWICE, log.channel, f"the change {op} of person {by} took effect again")
        seen.add((by, op))


def entries_by_op(logs: Mapping[str, Log]) -> dict[tuple[int | None, str], list[tuple[str, int]]]:
    """Where each person's named changes stand, in order."""
    found: dict[tuple[int | None, str], list[tuple[str, int]]] = {}
    for log in logs.values():
        for entry in log.entries:
            if entry["op"] is not None:
                found.setdefault((entry["by"], entry["op"]), []).append((log.channel, entry["offset"]))
    return found
