"""Answers to changes, against the log: acknowledged means there, once, and refused means not there (P1, P3, OP1, OP3,
OP5, ACK1, ERR1)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.harness.history.findings import Finding, Rule
from tests.harness.history.log_rules import entries_by_op
from tests.harness.history.record import ConnectionRecord, Database, Log, is_whole_save
from tests.harness.json_types import JsonDict

NOT_FOR_GOOD = ("unavailable", "rate_limited", "too_old", "internal")
Name = tuple[int, str]
"""Ops are a person's own."""
Place = tuple[str, int]
"""A channel and an offset in it."""


@dataclass
class _Change:
    """One change of one person, over all connections on which it was sent."""

    command: JsonDict
    sent_on: list[str] = field(default_factory=list)
    """The connections, one for each time that it was sent."""
    acks: list[JsonDict] = field(default_factory=list)
    refusals: list[JsonDict] = field(default_factory=list)


def answer_findings(records: Sequence[ConnectionRecord], database: Database) -> Iterator[Finding]:
    changes: dict[Name, _Change] = {}
    for record in records:
        yield from _read(record, changes)
    stands = entries_by_op(database.logs)
    remembered = {(each.user_id, each.op): (each.channel, each.offset) for each in database.ops}
    for name, change in changes.items():
        yield from _judge(change, name, database, stands.get(name, []), remembered.get(name))
    for record in records:
        yield from _sending_order(record, changes, remembered)


def _read(record: ConnectionRecord, changes: dict[Name, _Change]) -> Iterator[Finding]:
    for direction, frame in record.frames:
        op = frame.get("op")
        if not isinstance(op, str):
            continue
        name = (record.user_id, op)
        if direction == "sent":
            changes.setdefault(name, _Change(frame)).sent_on.append(record.name)
        elif frame["type"] in ("ack", "error"):
            if name not in changes or record.name not in changes[name].sent_on:
                yield Finding(Rule.ACK_UNASKED, record.name, f"{frame} answers nothing that was sent here")
                continue
            (changes[name].acks if frame["type"] == "ack" else changes[name].refusals).append(frame)


def _judge(
    change: _Change, name: Name, database: Database, stands: Sequence[Place], remembered: Place | None
) -> Iterator[Finding]:
    where = f"change {name[1]} ({change.command['type']}) of person {name[0]}"
    final = [each for each in change.refusals if each["code"] not in NOT_FOR_GOOD]
    answers = [*change.acks, *final]
    if any(each != answers[0] for each in answers):
        yield Finding(Rule.ACKS_DIFFER, where, f"{answers}")
    if len(stands) > 1 and not is_whole_save(change.command):
        yield Finding(Rule.OP_TWICE, where, f"stands at {stands}")
    for ack in change.acks:
        why_lost = _why_lost(ack, change, database.logs.get(ack["channel"]), stands, remembered)
        if why_lost is not None:
            yield Finding(Rule.ACK_LOST, where, f"{why_lost}: {ack}")
    if final and (stands or remembered):
        yield Finding(Rule.REFUSED_IN_LOG, where, f"stands at {stands or remembered}, but was refused: {final[0]}")


def _why_lost(
    ack: JsonDict, change: _Change, log: Log | None, stands: Sequence[Place], remembered: Place | None
) -> str | None:
    acked = (ack["channel"], ack["offset"])
    if log is None or ack["offset"] > log.head:
        return "beyond the log"
    if remembered != acked:
        return f"the server remembers {remembered}"
    if ack["offset"] <= log.pruned_to or (is_whole_save(change.command) and not stands):
        return None
    return None if stands and stands[-1] == acked else f"its entries stand at {stands}"


def _sending_order(
    record: ConnectionRecord, changes: dict[Name, _Change], remembered: dict[Name, Place]
) -> Iterator[Finding]:
    """Of changes that were sent once; which sending of the others counted, nobody can tell."""
    carried_out: dict[str, list[int]] = defaultdict(list)
    for name in _sent_names(record):
        if name in remembered and len(changes[name].sent_on) == 1:
            channel, offset = remembered[name]
            carried_out[channel].append(offset)
    for channel, offsets in carried_out.items():
        if any(later < earlier for earlier, later in pairwise(offsets)):
            yield Finding(Rule.SENDING_ORDER, record.name, f"its changes stand in {channel} at {offsets}")


def _sent_names(record: ConnectionRecord) -> dict[Name, None]:
    named = ((direction, frame.get("op")) for direction, frame in record.frames)
    return {(record.user_id, op): None for direction, op in named if direction == "sent" and isinstance(op, str)}
