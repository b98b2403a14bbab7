"""Clients that ask for the same page of a log cost one read, and none of them gets less than it needs."""

from collections.abc import Iterator, Sequence

import pytest

from chatsynth.database.unit import Unit
from chatsynth.kit.wire_model import WireModel
from chatsynth.log.append import NOBODY, append
from chatsynth.log.channels import NO_SUCH_CHANNEL, LoggedChannels
from chatsynth.log.kept_pages import KeptPages
from chatsynth.realtime.identity import Identity
from chatsynth.realtime.ports import LogPage
from chatsynth.realtime.publication import AfterCommit
from tests.harness.own_library import OwnLibrary, own_library
from tests.realtime.fakes import entry

pytestmark = pytest.mark.anyio
ADA = Identity(1, "Ada", "token:1", None)


def _page(after: int, last: int, head: int) -> LogPage:
    return LogPage([entry("chat:1", offset, size=50) for offset in range(after + 1, last + 1)], head)


def test_a_page_is_found_again_as_long_as_it_reaches_what_the_client_knows_of() -> None:
    pages, page = KeptPages(), _page(0, 3, head=3)
    pages.keep("chat:1", 0, page)
    assert pages.find("chat:1", 0, head=3) is page
    assert pages.find("chat:1", 0, head=2) is page
    assert pages.find("chat:1", 0, head=4) is None
    assert pages.find("chat:1", 1, head=3) is None
    assert pages.find("chat:2", 0, head=3) is None


def test_a_full_page_is_right_however_far_the_log_went_on() -> None:
    pages, page = KeptPages(), _page(0, 3, head=9)
    pages.keep("chat:1", 0, page)
    assert pages.find("chat:1", 0, head=1000) is page


def test_an_empty_page_is_not_kept() -> None:
    pages = KeptPages()
    pages.keep("chat:1", 7, LogPage((), 7))
    assert pages.find("chat:1", 7, head=7) is None


def test_what_is_kept_is_bounded_and_what_was_not_asked_for_longest_goes_first() -> None:
    size = 2 * sum(len(each.payload) for each in _page(10, 14, head=99).entries)
    pages = KeptPages(most_bytes=3 * size)
    for after in (10, 20, 30):
        pages.keep("chat:1", after, _page(after, after + 4, head=99))
    assert pages.find("chat:1", 10, head=99)
    pages.keep("chat:1", 40, _page(40, 44, head=99))
    found = [after for after in (10, 20, 30, 40) if pages.find("chat:1", after, head=99)]
    assert found == [10, 30, 40]


def test_a_page_that_is_kept_again_counts_once() -> None:
    size = 2 * sum(len(each.payload) for each in _page(10, 14, head=99).entries)
    pages = KeptPages(most_bytes=2 * size)
    for after in (10, 20, 20, 20):
        pages.keep("chat:1", after, _page(after, after + 4, head=99))
    assert pages.find("chat:1", 10, head=99)


@pytest.fixture
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnLibrary]:
    with own_library(tmp_path_factory.mktemp("pages")) as library:
        yield library


class _Said(WireModel):
    type: str = "said"


def _say(unit: Unit[AfterCommit]) -> None:
    append(unit, "chat:1", _Said(), NOBODY)


class _Reading:
    """The channels of a library, whose reads can be looked at; `may` are those that Ada may listen to."""

    def __init__(self, library: OwnLibrary) -> None:
        self.may = {1}
        self.library = library
        self.channels = LoggedChannels(self._read, {"chat": lambda *_: self.may}, lambda *_: True)

    async def _read(self, look_up: object) -> object:
        assert callable(look_up)
        with self.library.reading() as db:
            return look_up(db)

    async def page(self, head: int) -> Sequence[int] | None:
        page = await self.channels.read(ADA, "chat:1", 0, head)
        return None if page is NO_SUCH_CHANNEL else [each.offset for each in page.entries]  # type: ignore[union-attr]


async def test_a_page_that_ends_too_early_is_read_again_and_no_page_is_for_who_lost_the_right(
    library: OwnLibrary,
) -> None:
    reading = _Reading(library)
    library.writer.run(_say)
    assert await reading.page(head=1) == [1]
    library.writer.run(_say)
    assert await reading.page(head=1) == [1]  # what was kept
    assert await reading.page(head=2) == [1, 2]
    reading.may = set()
    assert await reading.page(head=2) is None
