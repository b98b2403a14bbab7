"""Who might listen to what, and when, as the logs themselves tell it (promise P6)."""

from bisect import bisect_right

from tests.harness.history.record import Database, Log


class Rights:
    """Read once from the entries that say who the members of a chat are."""

    def __init__(self, database: Database) -> None:
        self._owners = database.owners
        self._logs = database.logs
        self._members = {name: _members(log) for name, log in database.logs.items()}

    def may_listen(self, user_id: int, channel: str, offset: int) -> bool | None:
        """Whether a person had the right once entry `offset` was committed; None if the log does not reach back."""
        kind, _, number = channel.partition(":")
        if kind == "user":
            return int(number) == user_id
        if kind != "chat":
            return False
        return self._owners.get(int(number)) == user_id or self._is_member(user_id, channel, offset)

    def first_end_after(self, user_id: int, channel: str, offset: int) -> int:
        """The entry that took the right away from somebody who had it at `offset`; 0 if the log does not say."""
        if channel in self._logs and self._logs[channel].pruned_to > offset:
            return 0
        ends = (at for at, members in self._members.get(channel, []) if at > offset and user_id not in members)
        return next(ends, 0)

    def _is_member(self, user_id: int, channel: str, offset: int) -> bool | None:
        known = self._members.get(channel, [])
        index = bisect_right(known, offset, key=lambda each: each[0])
        if index:
            return user_id in known[index - 1][1]
        return None if channel in self._logs and self._logs[channel].pruned_to else False


def _members(log: Log) -> list[tuple[int, frozenset[int]]]:
    return [
        (entry["offset"], frozenset(member["userId"] for member in entry["members"]))
        for entry in log.entries
        if entry["type"] == "members_changed"
    ]
