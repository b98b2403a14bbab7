"""Rights and logs for the live core: implements `realtime.ports.Channels` on the database."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from chatsynth.log.kept_pages import KeptPages
from chatsynth.log.recover import heads, read_page
from chatsynth.realtime.identity import Identity
from chatsynth.realtime.ports import ChannelHead, LogPage, NoSuchChannel

T = TypeVar("T")
Read = Callable[[Callable[[Connection], T]], Awaitable[T]]
MayListen = Callable[[Connection, Identity, Sequence[int]], set[int]]
"""Which of these numbers (of chats, of users …) this person may listen to."""

IsSignedIn = Callable[[Connection, Identity], bool]
"""Whether the sign-in still holds. Asked in each look-up: its end may have been committed and not be told yet."""

NO_SUCH_CHANNEL = NoSuchChannel("This channel does not exist, or you may not listen to it.")
EMPTY_LOG = ChannelHead(epoch="", head=0, pruned_to=0)


class LoggedChannels:
    """`rules` says for each kind of channel (`chat`, `user`) who may listen."""

    def __init__(self, read: "Read[object]", rules: Mapping[str, MayListen], is_signed_in: IsSignedIn) -> None:
        self._read = read
        self._rules = rules
        self._is_signed_in = is_signed_in
        self._pages = KeptPages()

    async def open(self, identity: Identity, names: Sequence[str]) -> Sequence[ChannelHead | NoSuchChannel]:
        found = await self._read(lambda db: self._open(db, identity, names))
        assert isinstance(found, list)
        return found

    def _open(self, db: Connection, identity: Identity, names: Sequence[str]) -> list[ChannelHead | NoSuchChannel]:
        allowed = self._allowed(db, identity, names)
        known = heads(db, allowed)
        return [known.get(name, EMPTY_LOG) if name in allowed else NO_SUCH_CHANNEL for name in names]

    def _allowed(self, db: Connection, identity: Identity, names: Sequence[str]) -> set[str]:
        if not self._is_signed_in(db, identity):
            return set()
        by_kind: dict[str, list[int]] = {}
        for name in names:
            kind, _, number = name.partition(":")
            if kind in self._rules and int(number) < 2**63:
                by_kind.setdefault(kind, []).append(int(number))
        return {
            f"{kind}:{number}"
            for kind, numbers in by_kind.items()
            for number in self._rules[kind](db, identity, numbers)
        }

    async def read(self, identity: Identity, channel: str, after: int, head: int) -> LogPage | NoSuchChannel:
        kept = self._pages.find(channel, after, head)  # before the right is checked, so nothing in it is later
        page = await self._read(lambda db: self._page(db, identity, channel, after, kept))
        assert isinstance(page, LogPage | NoSuchChannel)
        if isinstance(page, LogPage) and page is not kept:
            self._pages.keep(channel, after, page)
        return page

    def _page(
        self, db: Connection, identity: Identity, channel: str, after: int, kept: LogPage | None
    ) -> LogPage | NoSuchChannel:
        if not self._allowed(db, identity, [channel]):
            return NO_SUCH_CHANNEL
        return kept or read_page(db, channel, after)
