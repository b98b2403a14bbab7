"""What lies between a tab and the server: two queues, a system buffer, and every way in which a cable fails."""

import json
from collections import deque
from collections.abc import Callable, Iterator

from chatsynth.realtime.connection import Connection
from tests.harness.history.record import is_entry
from tests.harness.json_types import JsonDict

SYSTEM_BUFFER_BYTES = 3_000
"""What the system takes over from the server before the server's own buffer fills."""
CLOSED: JsonDict = {"type": "closed"}
"""Stands in the queue where the connection ended."""


class Cable:
    """One connection, as both ends see it. Implements `realtime.ports.Wire`.

    What the system has taken over cannot be taken back; what is in the server's buffer is lost when it aborts.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.connection: Connection | None = None
        self._now_s = now_s
        self.up: deque[str] = deque()
        self._system: deque[tuple[int, JsonDict]] = deque()
        self._buffer: deque[tuple[int, JsonDict]] = deque()
        self._reads = True
        self.tab_is_gone = False
        self.server_is_gone = False
        self.ended: set[str] = set()
        """Channels whose right has ended, from when the server told itself so until it opens them again."""
        self.late: list[JsonDict] = []
        """What the server wrote of such a channel all the same, or left where it still goes out (rule REV1)."""

    # The server's side

    def write(self, frames: bytes) -> None:
        if self.server_is_gone:
            return
        for size, frame in _decoded(frames):
            self._note_if_late(frame)
            self._buffer.append((size, frame))
        self._hand_over()
        if self._buffer and self.connection is not None:
            self.connection.writing_paused(self._now_s())

    def _note_if_late(self, frame: JsonDict) -> None:
        if frame["type"] == "subscribed":
            self.ended.discard(frame["channel"])
        elif _is_of_a_channel(frame) and frame["channel"] in self.ended:
            self.late.append(frame)

    def note_what_still_goes_out(self) -> None:
        """The end of a right was told: what the server has not handed to the system yet, it must not hand over."""
        if not self.server_is_gone:
            self.late += [each for _, each in self._buffer if _is_of_a_channel(each) and each["channel"] in self.ended]

    def buffered_bytes(self) -> int:
        return sum(size for size, _ in self._buffer)

    def held_bytes(self) -> int:
        return self.buffered_bytes()

    def close(self, code: int, reason: str) -> None:
        assert reason
        self.server_is_gone = True
        self._system.append((2, {**CLOSED, "code": code}))

    def abort(self) -> None:
        self.server_is_gone = True
        self._buffer.clear()
        self._system.append((0, {**CLOSED, "code": 1006}))

    def pause_reading(self) -> None:
        self._reads = False

    def resume_reading(self) -> None:
        self._reads = True

    def _hand_over(self) -> None:
        room = SYSTEM_BUFFER_BYTES - sum(size for size, _ in self._system)
        while self._buffer and (room > 0):
            size, frame = self._buffer.popleft()
            room -= size
            self._system.append((size, frame))

    # What happens in between

    def send_up(self, frame: JsonDict) -> None:
        self.up.append(json.dumps(frame))

    def deliver_up(self, most: int) -> None:
        """Frames of the tab reach the server, also those of a tab that has given this connection up long ago."""
        while most and self.up and self._reads and not self.server_is_gone:
            assert self.connection is not None
            self.connection.text_received(self.up.popleft())
            most -= 1

    def deliver_down(self, most: int) -> Iterator[JsonDict]:
        """Frames of the server reach the tab. Nothing moves once the tab is gone, and the buffers fill."""
        while most and self._system and not self.tab_is_gone:
            _, frame = self._system.popleft()
            self._move_on()
            most -= 1
            yield frame

    def _move_on(self) -> None:
        had_waiting = bool(self._buffer)
        self._hand_over()
        if had_waiting and not self._buffer and self.connection is not None and not self.server_is_gone:
            self.connection.writing_resumed()

    def break_down(self, kept_up: int, kept_down: int) -> None:
        """Cut: the last frames of each direction never arrive, and the tab learns of it after those that do."""
        while len(self.up) > kept_up:
            self.up.pop()
        while len(self._system) > kept_down:
            self._system.pop()
        self._system.append((0, {**CLOSED, "code": 1006}))
        self.server_notices()

    def server_notices(self) -> None:
        """What still arrived from the tab is dealt with before its end is."""
        self.deliver_up(len(self.up))
        self.server_is_gone = True
        self._buffer.clear()
        if self.connection is not None:
            self.connection.ended()

    @property
    def is_quiet(self) -> bool:
        nothing_up = not self.up or self.server_is_gone
        return nothing_up and (self.tab_is_gone or (not self._system and not self._buffer))


def _is_of_a_channel(frame: JsonDict) -> bool:
    return is_entry(frame) or frame["type"] == "presence"


def _decoded(data: bytes) -> Iterator[tuple[int, JsonDict]]:
    """The text frames of one write (RFC 6455, section 5.2), unmasked and whole as a server sends them."""
    at = 0
    while at < len(data):
        assert data[at] == 0x81
        start, length = at + 2, data[at + 1]
        if length == 126:
            start, length = at + 4, int.from_bytes(data[at + 2 : at + 4])
        elif length == 127:
            start, length = at + 10, int.from_bytes(data[at + 2 : at + 10])
        yield length, json.loads(data[start : start + length])
        at = start + length
