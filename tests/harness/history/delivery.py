"""What one connection got, against what it had asked for: each entry once, in order, without gaps (rules SUB1 to SUB7,
REV1)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.harness.history.findings import Finding, Rule
from tests.harness.history.record import ConnectionRecord, Database, is_entry
from tests.harness.history.rights import Rights
from tests.harness.json_types import JsonDict


@dataclass
class _Channel:
    """`asked`: the offsets of subscribes that are not answered, None for an unsubscribe. `last` is None until the
    first entry says which of several subscribes in a row was the one that counts (rule SUB4)."""

    asked: list[int | None] = field(default_factory=list)
    listening: bool = False
    was_revoked: bool = False
    had_right_at: int | None = None
    """After `revoked`: the last offset at which the right was surely given."""
    positions: tuple[int, ...] = ()
    last: int | None = None
    opened_at: int = 0

    def ask(self, offset: int | None) -> None:
        self.asked.append(offset)

    def open(self, head: int) -> None:
        until = self.asked.index(None) if None in self.asked else len(self.asked)
        self.positions = tuple(each for each in self.asked[:until] if each is not None)
        del self.asked[:until]
        self.listening, self.was_revoked, self.last, self.opened_at = True, False, None, head
        self.had_right_at = None

    def left(self) -> None:
        if None in self.asked:
            del self.asked[: self.asked.index(None) + 1]
        self.listening = False

    @property
    def reached(self) -> int:
        return max(self.positions, default=0) if self.last is None else self.last


class _Judge:
    """Goes through the frames of one connection."""

    def __init__(self, record: ConnectionRecord, database: Database, rights: Rights) -> None:
        self._record = record
        self._rights = rights
        self._database = database
        self._channels: dict[str, _Channel] = {}

    def findings(self) -> Iterator[Finding]:
        for direction, frame in self._record.frames:
            if direction == "sent":
                self._sent(frame)
            else:
                yield from self._received(frame)
        if self._record.settled:
            yield from self._missing_at_the_end()

    def _finding(self, rule: Rule, sentence: str) -> Finding:
        return Finding(rule, self._record.name, sentence)

    def _channel(self, name: str) -> _Channel:
        return self._channels.setdefault(name, _Channel())

    def _sent(self, frame: JsonDict) -> None:
        match frame.get("type"):
            case "hello":
                for position in frame.get("channels", ()):
                    self._channel(position["channel"]).ask(position["offset"])
            case "subscribe":
                self._channel(frame["channel"]).ask(frame["offset"])
            case "unsubscribe":
                self._channel(frame["channel"]).ask(None)
            case _:
                pass

    def _received(self, frame: JsonDict) -> Iterator[Finding]:
        name = frame.get("channel")
        if is_entry(frame):
            yield from self._entry(self._channel(frame["channel"]), frame)
            return
        match frame["type"]:
            case "subscribed":
                yield from self._subscribed(self._channel(frame["channel"]), frame)
            case "unsubscribed":
                self._channel(frame["channel"]).left()
            case "snapshot_needed":
                self._ended(self._channel(frame["channel"]))
            case "revoked":
                self._revoked(self._channel(frame["channel"]))
            case "error" if name is not None and frame["code"] == "forbidden":
                self._ended(self._channel(name))
            case "presence":
                yield from self._presence(self._channel(frame["channel"]), frame)
            case "welcome" | "heartbeat":
                yield from self._heads(frame["heads"])
            case _:
                pass

    def _ended(self, channel: _Channel) -> _Channel:
        channel.listening = False
        if channel.asked and channel.asked[0] is not None:
            del channel.asked[0]
        return channel

    def _revoked(self, channel: _Channel) -> None:
        channel.had_right_at = max([channel.reached, *(each for each in channel.asked[:1] if each is not None)])
        self._ended(channel).was_revoked = True

    def _subscribed(self, channel: _Channel, frame: JsonDict) -> Iterator[Finding]:
        name, head = frame["channel"], frame["head"]
        yield from self._heads({name: head})
        log = self._database.logs.get(name)
        if log is not None and frame["epoch"] not in ("", log.epoch):
            yield self._finding(Rule.WRONG_HEAD, f"{name} has the epoch {log.epoch}, not {frame['epoch']}")
        if channel.listening:
            if channel.asked and channel.asked[0] is not None:
                del channel.asked[0]
            return
        if channel.had_right_at is not None:
            end = self._rights.first_end_after(self._record.user_id, name, channel.had_right_at)
            if head < end:
                yield self._finding(Rule.WITHOUT_RIGHT, f"{name} opened at {head}, before its right ended at {end}")
        if all(each is None for each in channel.asked):
            yield self._finding(Rule.NOT_SUBSCRIBED, f"`subscribed` to {name}, which was not asked for")
        channel.open(head)
        if self._rights.may_listen(self._record.user_id, name, head) is False:
            yield self._finding(Rule.WITHOUT_RIGHT, f"subscribed to {name} at {head} without a right")

    def _heads(self, heads: dict[str, int]) -> Iterator[Finding]:
        for name, head in heads.items():
            log = self._database.logs.get(name)
            if head > (log.head if log else 0):
                yield self._finding(Rule.WRONG_HEAD, f"the head {head} of {name} was told, which the log never reached")

    def _presence(self, channel: _Channel, frame: JsonDict) -> Iterator[Finding]:
        if not channel.listening:
            rule = Rule.AFTER_REVOKED if channel.was_revoked else Rule.NOT_SUBSCRIBED
            yield self._finding(rule, f"presence in {frame['channel']}")

    def _entry(self, channel: _Channel, entry: JsonDict) -> Iterator[Finding]:
        name, offset = entry["channel"], entry["offset"]
        what = f"entry {offset} of {name} ({entry['type']})"
        yield from self._against_log(entry, what)
        if not channel.listening:
            rule = Rule.AFTER_REVOKED if channel.was_revoked else Rule.NOT_SUBSCRIBED
            yield self._finding(rule, what)
            return
        expected = {each + 1 for each in channel.positions} if channel.last is None else {channel.last + 1}
        if offset not in expected:
            rule = Rule.TWICE if offset <= max(expected, default=0) else Rule.GAP
            yield self._finding(rule, f"{what} came where {sorted(expected)} was next")
        if offset > channel.opened_at and self._rights.may_listen(self._record.user_id, name, offset) is False:
            yield self._finding(Rule.WITHOUT_RIGHT, f"{what}, subscribed at {channel.opened_at}")
        channel.last = offset

    def _against_log(self, entry: JsonDict, what: str) -> Iterator[Finding]:
        log = self._database.logs.get(entry["channel"])
        if log is None or entry["offset"] > log.head:
            yield self._finding(Rule.LOST_ENTRY, f"{what} is not in the log")
            return
        stored = log.at(entry["offset"])
        if stored is not None and stored != entry:
            yield self._finding(Rule.ENTRY_DIFFERS, f"{what} is {entry}, but the log says {stored}")

    def _missing_at_the_end(self) -> Iterator[Finding]:
        for name, channel in self._channels.items():
            log = self._database.logs.get(name)
            if channel.listening and log is not None and channel.reached < log.head:
                yield self._finding(Rule.BEHIND, f"has {name} up to {channel.reached}, and the log ends at {log.head}")


def delivery_findings(record: ConnectionRecord, database: Database, rights: Rights) -> Iterator[Finding]:
    return _Judge(record, database, rights).findings()


def entries_that_differ(records: list[ConnectionRecord]) -> Iterator[Finding]:
    """Also of entries that the log does not keep any more: all subscribers got the same."""
    known: dict[tuple[str, int], tuple[str, JsonDict]] = {}
    for record in records:
        for direction, frame in record.frames:
            if direction == "received" and is_entry(frame):
                who, first = known.setdefault((frame["channel"], frame["offset"]), (record.name, frame))
                if first != frame:
                    yield Finding(Rule.ENTRY_DIFFERS, record.name, f"got {frame}, but {who} got {first}")
