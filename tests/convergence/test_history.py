"""The judge of histories itself: a history that keeps every rule is clean, and each way to break one is found."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import pytest
from hypothesis import given

from chatsynth.changes import ChangeSet, Text, apply, map_pos
from tests.changes.samples import Touch, edits, make, texts
from tests.harness.history import ConnectionRecord, Database, Finding, History, Log, Rule, StoredOp, check, fold, report
from tests.harness.history.folding import apply_change, moved_position
from tests.harness.json_types import JsonDict

ADA, BEN = 1, 2
CHAT = "chat:7"
OPS = [(ADA, "c1"), (ADA, "s1"), (BEN, "b1"), (ADA, "a1"), (ADA, "u1"), (ADA, "s2")]
"""Whose each entry is, and its name."""
ADA_MEMBER = {"userId": ADA, "name": "Ada", "email": "ada@example.org", "role": "owner"}
BEN_MEMBER = {"userId": BEN, "name": "Ben", "email": "ben@example.org", "role": "editor"}


def _entry(offset: int, type_: str, op: str | None = None, by: int = ADA, **fields: object) -> JsonDict:
    return {"channel": CHAT, "offset": offset, "op": op, "by": by, "at": 1000 + offset, "type": type_, **fields}


def _edit(offset: int, op: str, by: int, changes: object) -> JsonDict:
    return _entry(offset, "chat_updated", op, by, chat={"id": 7, "messageId": 5, "changes": changes})


def _message(text: str, edited_at: int | None) -> JsonDict:
    return {"id": 5, "role": "user", "content": text, "parts": [{"type": "badge", "at": 2}], "editedAt": edited_at}


def _snapshot(offset: int, text: str, edited_at: int | None, *members: JsonDict) -> JsonDict:
    return {
        "id": 7,
        "title": "A chat",
        "role": "owner",
        "channel": CHAT,
        "epoch": "e",
        "offset": offset,
        "archivedAt": None,
        "deletedAt": None,
        "members": list(members),
        "messages": [_message(text, edited_at)],
    }


@dataclass
class Told:
    """A small history that can be told otherwise: Ada shares a chat, both type, Ben leaves and is invited again."""

    entries: list[JsonDict] = field(
        default_factory=lambda: [
            _entry(1, "chat_created", "c1", title="A chat"),
            _entry(2, "members_changed", "s1", members=[ADA_MEMBER, BEN_MEMBER]),
            _edit(3, "b1", BEN, [2, [0, "🥊"]]),
            _edit(4, "a1", ADA, [[0, "x"], 4]),
            _entry(5, "members_changed", "u1", members=[ADA_MEMBER]),
            _entry(6, "members_changed", "s2", members=[ADA_MEMBER, BEN_MEMBER]),
        ]
    )
    ada: ConnectionRecord = field(default_factory=lambda: ConnectionRecord("ada's", ADA, settled=True))
    ben: ConnectionRecord = field(default_factory=lambda: ConnectionRecord("ben's", BEN, settled=True))
    late: ConnectionRecord = field(default_factory=lambda: ConnectionRecord("ben's second", BEN))
    ops: list[StoredOp] = field(default_factory=lambda: [StoredOp(*who, CHAT, at) for at, who in enumerate(OPS, 1)])
    head: int = 6
    text: str = "xab🥊"
    loaded: JsonDict = field(default_factory=lambda: _snapshot(1, "ab", None, ADA_MEMBER))
    fresh: JsonDict = field(default_factory=lambda: _fresh("xab🥊"))
    broken_index: str | None = None

    def __post_init__(self) -> None:
        a, b, e = self.ada, self.ben, self.entries
        a.sent({"type": "hello", "channels": [{"channel": CHAT, "epoch": "e", "offset": 1}]})
        a.received({"type": "welcome", "heads": {CHAT: 1}})
        a.received(_subscribed(1))
        self._ask(a, "s1", "chat_share", 2)
        a.received(e[1])
        b.sent({"type": "subscribe", "channel": CHAT, "epoch": "e", "offset": 0})
        b.received(_subscribed(2))
        b.received(e[0])
        b.received(e[1])
        self._ask(b, "b1", "chat_update", 3)
        b.received(e[2])
        a.received(e[2])
        self._ask(a, "a1", "chat_update", 4)
        for each in (a, b):
            each.received(e[3])
        self._ask(a, "u1", "chat_unshare", 5)
        a.received(e[4])
        b.received({"type": "revoked", "channel": CHAT, "reason": "no longer shared"})
        self._ask(a, "s2", "chat_share", 6)
        a.received(e[5])
        late = self.late
        late.sent({"type": "hello", "channels": [{"channel": CHAT, "epoch": "e", "offset": 4}]})
        late.received(_subscribed(6))
        late.received(e[4])
        late.received(e[5])
        late.sent(_command("no", "chat_delete"))
        late.received({"type": "error", "op": "no", "channel": None, "code": "forbidden", "message": "No."})

    def _ask(self, record: ConnectionRecord, op: str, type_: str, offset: int) -> None:
        record.sent(_command(op, type_))
        record.received(_ack(op, offset))

    def history(self) -> History:
        log = Log(CHAT, "e", self.head, 0, self.entries)
        database = Database({CHAT: log}, self.ops, {5: self.text}, {7: ADA}, self.broken_index)
        return History([self.ada, self.ben, self.late], database, [(ADA, self.loaded)], [(ADA, self.fresh)])


def _fresh(text: str) -> JsonDict:
    fresh = _snapshot(6, text, 1004, ADA_MEMBER, BEN_MEMBER)
    fresh["messages"][0]["parts"] = [{"type": "badge", "at": 5}]
    return fresh


def _subscribed(head: int) -> JsonDict:
    return {"type": "subscribed", "channel": CHAT, "epoch": "e", "head": head}


def _command(op: str, type_: str) -> JsonDict:
    return {"type": type_, "op": op, "chat": {"id": 7, "messageId": 5}}


def _ack(op: str, offset: int) -> JsonDict:
    return {"type": "ack", "op": op, "channel": CHAT, "offset": offset, "result": {"chatId": 7}}


def test_a_history_that_keeps_every_rule_is_clean() -> None:
    assert check(Told().history()) == []


class Break(NamedTuple):
    rule: Rule
    tell: Callable[[Told], object]


def _drop(record: str, frame: int) -> Callable[[Told], None]:
    return lambda told: getattr(told, record).frames.pop(frame)


def _repeat(record: str, frame: int) -> Callable[[Told], None]:
    return lambda told: getattr(told, record).frames.insert(frame + 1, getattr(told, record).frames[frame])


def _swap(record: str, frame: int) -> Callable[[Told], None]:
    def tell(told: Told) -> None:
        frames = getattr(told, record).frames
        frames[frame], frames[frame + 1] = frames[frame + 1], frames[frame]

    return tell


def _hear(record: str, *frames: JsonDict) -> Callable[[Told], None]:
    def tell(told: Told) -> None:
        for frame in frames:
            getattr(told, record).received(frame)

    return tell


def _store(offset: int, **fields: object) -> Callable[[Told], None]:
    """The log says this; what was received stays as it is."""

    def tell(told: Told) -> None:
        told.entries[offset - 1] = {**told.entries[offset - 1], **fields}

    return tell


def _edit_entry_twice(told: Told) -> None:
    told.entries.append({**told.entries[3], "offset": 7, "at": 2000})
    told.head = 7


def _revoked_person_subscribes(told: Told) -> None:
    del told.entries[5:]
    told.head = 5
    told.late.frames[1] = ("received", _subscribed(5))


def _opened_by_what_was_found_before_the_end(told: Told) -> None:
    """Ben asks again, and gets an answer to what he had asked before the right ended."""
    told.ben.sent({"type": "subscribe", "channel": CHAT, "epoch": "e", "offset": 4})
    told.ben.received(_subscribed(4))


def _goes_on_after_the_end_of_the_right(told: Told) -> None:
    """No `revoked` came, and the entries went on."""
    told.ben.frames = [each for each in told.ben.frames if each[1]["type"] != "revoked"]
    told.ben.received(told.entries[4])


def _presence() -> JsonDict:
    return {"type": "presence", "channel": CHAT, "full": True, "present": []}


def _another_answer(told: Told) -> None:
    told.late.sent(_command("b1", "chat_update"))
    told.late.received(_ack("b1", 4))


def _refused_here_and_accepted_there(told: Told) -> None:
    """By a copy that came on another connection."""
    told.late.sent(_command("b1", "chat_update"))
    told.late.received({"type": "error", "op": "b1", "channel": None, "code": "forbidden", "message": "No."})


def _change_order(told: Told) -> None:
    """What Ada sent first was carried out last."""
    told.entries[3], told.entries[1] = {**told.entries[3], "op": "s1"}, {**told.entries[1], "op": "a1"}
    told.ops[1], told.ops[3] = StoredOp(ADA, "a1", CHAT, 2), StoredOp(ADA, "s1", CHAT, 4)


BREAKS = [
    Break(Rule.LOG_GAP, lambda told: told.entries.pop(3)),
    Break(Rule.LOG_GAP, lambda told: setattr(told, "head", 8)),
    Break(Rule.OP_TWICE, _edit_entry_twice),
    Break(Rule.ACK_LOST, _store(3, op="another")),
    Break(Rule.ACK_LOST, _store(3, op=None)),
    Break(Rule.ACK_LOST, lambda told: told.ops.pop(2)),
    Break(Rule.ACK_LOST, _hear("ben", _ack("b1", 9))),
    Break(Rule.ACKS_DIFFER, _another_answer),
    Break(Rule.ACK_UNASKED, _hear("ben", _ack("a1", 4))),
    Break(Rule.REFUSED_IN_LOG, _store(4, op="no", by=BEN)),
    Break(Rule.REFUSED_IN_LOG, _refused_here_and_accepted_there),
    Break(Rule.ACKS_DIFFER, _refused_here_and_accepted_there),
    Break(Rule.SENDING_ORDER, _change_order),
    Break(Rule.GAP, _drop("ada", 5)),
    Break(Rule.GAP, _drop("late", 2)),
    Break(Rule.TWICE, _repeat("ada", 5)),
    Break(Rule.TWICE, _swap("late", 2)),
    Break(Rule.TWICE, lambda told: told.late.frames.insert(2, ("received", told.entries[3]))),
    Break(Rule.NOT_SUBSCRIBED, _drop("ada", 2)),
    Break(Rule.NOT_SUBSCRIBED, _drop("ben", 0)),
    Break(Rule.NOT_SUBSCRIBED, lambda told: told.ben.frames.insert(1, ("received", _presence()))),
    Break(Rule.NOT_SUBSCRIBED, lambda told: told.late.frames.insert(2, ("received", _left()))),
    Break(Rule.AFTER_REVOKED, lambda told: told.ben.received(told.entries[4])),
    Break(Rule.AFTER_REVOKED, _hear("ben", _presence())),
    Break(Rule.WITHOUT_RIGHT, _revoked_person_subscribes),
    Break(Rule.WITHOUT_RIGHT, _opened_by_what_was_found_before_the_end),
    Break(Rule.WITHOUT_RIGHT, _goes_on_after_the_end_of_the_right),
    Break(Rule.LOST_ENTRY, _hear("ada", _edit(7, "b9", BEN, [5]))),
    Break(Rule.ENTRY_DIFFERS, _store(4, at=5)),
    Break(Rule.BEHIND, lambda told: told.ada.frames.pop()),
    Break(Rule.WRONG_HEAD, _hear("ada", {"type": "heartbeat", "heads": {CHAT: 7}})),
    Break(Rule.WRONG_HEAD, lambda told: told.fresh.update(offset=5)),
    Break(Rule.FOLD, lambda told: told.fresh["messages"][0].update(content="ab")),
    Break(Rule.FOLD, lambda told: told.fresh["messages"][0]["parts"][0].update(at=3)),
    Break(Rule.FOLD, lambda told: told.loaded["messages"][0].update(content="abc")),
    Break(Rule.FOLD, lambda told: told.fresh.update(title="Another")),
    Break(Rule.ROWS, lambda told: setattr(told, "text", "xab")),
    Break(Rule.ROWS, lambda told: setattr(told, "broken_index", "malformed")),
]


def _left() -> JsonDict:
    return {"type": "unsubscribed", "channel": CHAT}


@pytest.mark.parametrize("broken", BREAKS, ids=[f"{each.rule}-{n}" for n, each in enumerate(BREAKS)])
def test_each_way_to_break_a_rule_is_found(broken: Break) -> None:
    told = Told()
    broken.tell(told)
    findings = check(told.history())
    assert broken.rule in {each.rule for each in findings}, report(findings)


def test_every_rule_is_broken_here() -> None:
    assert {broken.rule for broken in BREAKS} == set(Rule)


# What is allowed -----------------------------------------------------------------------------------


def test_a_save_of_a_whole_chat_may_leave_several_entries_side_by_side() -> None:
    told = Told()
    told.late.sent({"type": "chat_update", "op": "w", "chat": {"id": 7, "content": "all"}})
    for offset in (7, 8):
        told.entries.append({**_edit(offset, "w", BEN, [5]), "at": 3000})
    told.head = 8
    told.ops.append(StoredOp(BEN, "w", CHAT, 8))
    told.late.received(_ack("w", 8))
    told.ada.settled = False
    findings = [each for each in check(told.history()) if each.rule not in (Rule.WRONG_HEAD, Rule.FOLD)]
    assert findings == []


def test_one_answer_for_two_subscribes_in_a_row() -> None:
    """Rule SUB4; which of them counted shows with the first entry."""
    told = Told()
    told.late.frames.insert(0, ("sent", {"type": "subscribe", "channel": CHAT, "epoch": "e", "offset": 2}))
    assert check(told.history()) == []
    told.late.frames.insert(3, ("received", _subscribed(6)))
    assert check(told.history()) == []


def test_leaving_and_coming_again_begins_anew() -> None:
    told = Told()
    told.late.sent({"type": "unsubscribe", "channel": CHAT})
    told.late.sent({"type": "subscribe", "channel": CHAT, "epoch": "e", "offset": 3})
    told.late.received(_left())
    told.late.received(_subscribed(6))
    for entry in told.entries[3:]:
        told.late.received(entry)
    assert check(told.history()) == []


def test_what_was_pruned_is_not_missed() -> None:
    told = Told()
    history = told.history()
    log = replace(history.database.logs[CHAT], pruned_to=4, entries=told.entries[4:])
    assert check(replace(history, database=replace(history.database, logs={CHAT: log}))) == []


def test_findings_say_where_and_what() -> None:
    told = Told()
    told.ada.frames.pop(5)
    shown = report(check(told.history()))
    assert "[gap] ada's: entry 3 of chat:7 (chat_updated) came where [2] was next" in shown
    many = [Finding(Rule.GAP, "x", "y")] * 30
    assert report(many).endswith("and 10 more")


# Its own arithmetic ---------------------------------------------------------------------------------


@given(texts(), edits())
def test_its_change_sets_are_those_of_the_product(text: str, edit: list[Touch]) -> None:
    """Written apart; that both say the same is what makes either believable."""
    change = make(text, edit)
    assert apply_change(change.to_json(), text) == str(apply(change, Text.of(text)))
    for position in range(len(Text.of(text)) + 1):
        read_back = ChangeSet.from_json(json.loads(json.dumps(change.to_json())))
        assert moved_position(change.to_json(), position) == map_pos(read_back, position, 1)


def test_folding_leaves_what_it_was_given_alone() -> None:
    told = Told()
    before = copy.deepcopy((told.loaded, told.entries))
    fold(told.loaded, told.entries, ADA)
    assert (told.loaded, told.entries) == before
