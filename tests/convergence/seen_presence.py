"""Who is in a chat, as one connection has been told (rules PRE1 to PRE3)."""

from dataclasses import dataclass, field

from tests.harness.json_types import JsonDict

Seen = tuple[int, str, JsonDict]
"""Whose it is, their name, and where they are."""


@dataclass
class SeenPresence:
    """`own` is what this connection has shown of itself."""

    session: str = ""
    is_here: bool = False
    own: JsonDict | None = None
    others: dict[str, Seen] = field(default_factory=dict)

    def came(self) -> None:
        """The subscription is confirmed; who is here is told after it. A second answer changes nothing (SUB4)."""
        if not self.is_here:
            self.is_here, self.own = True, None
            self.others.clear()

    def left(self) -> None:
        self.is_here, self.own = False, None
        self.others.clear()

    def take(self, frame: JsonDict) -> None:
        if not self.is_here:
            return  # it belongs to a subscription that this side has ended
        if frame["full"]:
            self.others = {each["session"]: _seen(each) for each in frame["present"]}
        elif frame["state"] is None:
            self.others.pop(frame["session"], None)
        else:
            self.others[frame["session"]] = _seen(frame)
        assert self.session not in self.others, f"told of itself: {frame}"


def _seen(present: JsonDict) -> Seen:
    return present["userId"], present["name"], present["state"]
