"""All rules on one history."""

from collections.abc import Iterator, Sequence

from tests.harness.history.answers import answer_findings
from tests.harness.history.delivery import delivery_findings, entries_that_differ
from tests.harness.history.findings import Finding, Rule
from tests.harness.history.folding import COMPARED, CannotFold, DoesNotFit, fold
from tests.harness.history.log_rules import log_findings
from tests.harness.history.record import Database, History
from tests.harness.history.rights import Rights
from tests.harness.json_types import JsonDict

MOST_SHOWN = 20


def check(history: History) -> list[Finding]:
    """What was broken; empty when every promise was kept."""
    return list(_findings(history))


def report(findings: Sequence[Finding]) -> str:
    """For people: what was broken, the first of it in full."""
    shown = [str(each)[:500] for each in findings[:MOST_SHOWN]]
    more = len(findings) - len(shown)
    return "\n".join([f"{len(findings)} findings", *shown, *([f"and {more} more"] if more else [])])


def _findings(history: History) -> Iterator[Finding]:
    yield from log_findings(history.database.logs)
    rights = Rights(history.database)
    for record in history.connections:
        yield from delivery_findings(record, history.database, rights)
    yield from entries_that_differ(list(history.connections))
    yield from answer_findings(history.connections, history.database)
    for user_id, fresh in history.fresh:
        yield from _rows(fresh, history.database)
        for loaded_by, snapshot in history.snapshots:
            if loaded_by == user_id and snapshot["channel"] == fresh["channel"]:
                yield from _fold(user_id, snapshot, fresh, history.database)
    if history.database.broken_index is not None:
        yield Finding(Rule.ROWS, "search index", history.database.broken_index)


def _rows(fresh: JsonDict, database: Database) -> Iterator[Finding]:
    log = database.logs[fresh["channel"]]
    if (fresh["epoch"], fresh["offset"]) != (log.epoch, log.head):
        yield Finding(Rule.WRONG_HEAD, fresh["channel"], f"a fresh snapshot is at {fresh['offset']}, not {log.head}")
    for message in fresh["messages"]:
        if database.texts.get(message["id"]) != message["content"]:
            stored = database.texts.get(message["id"])
            yield Finding(Rule.ROWS, fresh["channel"], f"message {message['id']} is stored as {stored!r}: {message}")


def _fold(user_id: int, snapshot: JsonDict, fresh: JsonDict, database: Database) -> Iterator[Finding]:
    log = database.logs[fresh["channel"]]
    if snapshot["offset"] < log.pruned_to:
        return
    where = f"{fresh['channel']} for person {user_id} from {snapshot['offset']} to {fresh['offset']}"
    after = [entry for entry in log.entries if snapshot["offset"] < entry["offset"] <= fresh["offset"]]
    try:
        folded = fold(snapshot, after, user_id)
    except CannotFold:
        return
    except DoesNotFit as unfit:
        yield Finding(Rule.FOLD, where, str(unfit))
        return
    for key in COMPARED:
        if folded[key] != fresh[key]:
            yield Finding(Rule.FOLD, where, f"{key} is {folded[key]!r}, but a fresh snapshot says {fresh[key]!r}")
