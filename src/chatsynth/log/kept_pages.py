"""Pages of the log that were read lately: after a restart many clients ask for the same ones (promise P8).

An entry never changes, so a page that was read is right for ever; it may only end earlier than one that is read now.
"""

from collections import OrderedDict

from chatsynth.realtime.ports import LogPage

MOST_BYTES = 16 * 1024 * 1024


class KeptPages:
    """Those that were asked for last, up to `most_bytes` of entries."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._pages: OrderedDict[tuple[str, int], LogPage] = OrderedDict()

    def find(self, channel: str, after: int, head: int) -> LogPage | None:
        """A page that follows `after` and reaches `head`, or is full; None if it has to be read."""
        page = self._pages.get((channel, after))
        if page is None or not _reaches(page, head):
            return None
        self._pages.move_to_end((channel, after))
        return page

    def keep(self, channel: str, after: int, page: LogPage) -> None:
        if not page.entries:
            return
        self._bytes += _size(page) - _size(self._pages.pop((channel, after), None))
        self._pages[(channel, after)] = page
        while self._bytes > self._most_bytes:
            self._bytes -= _size(self._pages.popitem(last=False)[1])


def _reaches(page: LogPage, head: int) -> bool:
    last = page.entries[-1].offset
    return last >= head or last < page.head


def _size(page: LogPage | None) -> int:
    """Each entry is there twice: as JSON, and framed for the wire."""
    return 0 if page is None else sum(2 * len(entry.payload) for entry in page.entries)
