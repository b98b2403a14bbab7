"""A client that only listens, and comes back from where it was: each entry once and in order over all connections."""

from collections.abc import Mapping

from websockets.exceptions import ConnectionClosed

from tests.harness.json_types import JsonDict
from tests.harness.live_client import LiveClient, Tabs, position_of
from tests.harness.people import Person


class Returner:
    """`offsets` are those of the last entries that it has, by channel."""

    def __init__(self, tabs: Tabs, person: Person, *snapshots: Mapping[str, object]) -> None:
        self.person = person
        self.retry_after_ms: int | None = None
        """What the server that stopped said last."""
        self._tabs = tabs
        self._positions = {str(each["channel"]): position_of(each) for each in snapshots}
        self._tab: LiveClient | None = None

    @property
    def offsets(self) -> dict[str, int]:
        return {channel: position["offset"] for channel, position in self._positions.items()}

    @property
    def tab(self) -> LiveClient:
        assert self._tab is not None
        return self._tab

    async def come_back(self) -> None:
        """Returns when it has every entry that the server had when it came."""
        self._tab = await self._tabs.open(self.person)
        await self._tab.send("hello", v=1, client="tests", channels=list(self._positions.values()))
        heads = (await self._tab.wait_for("welcome"))["heads"]
        await self.read_up_to(heads)

    async def read_up_to(self, heads: Mapping[str, int]) -> None:
        while any(offset < heads[channel] for channel, offset in self.offsets.items()):
            self._take(await self.tab.next())

    async def stay_until_the_end(self) -> int:
        """The close code, 1006 if there was none."""
        self.retry_after_ms = None
        try:
            while True:
                self._take(await self.tab.next())
        except ConnectionClosed as closed:
            return 1006 if closed.rcvd is None else int(closed.rcvd.code)

    def _take(self, frame: JsonDict) -> None:
        if frame["type"] == "draining":
            assert self.retry_after_ms is None, "the server says once when to come back"
            self.retry_after_ms = frame["retryAfterMs"]
        elif "at" in frame and "channel" in frame:
            position = self._positions[frame["channel"]]
            assert frame["offset"] == position["offset"] + 1, f"{frame} after {position}"
            position["offset"] = frame["offset"]
        else:
            assert frame["type"] in ("subscribed", "welcome", "heartbeat", "chat_updated"), frame
