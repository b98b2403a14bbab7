"""Received frames wait in order, and are known by number and size."""

from chatsynth.realtime.errors import ErrorCode
from chatsynth.realtime.frames import Error
from chatsynth.realtime.inbox import Inbox


def test_frames_leave_in_the_order_in_which_they_came() -> None:
    inbox = Inbox(most_frames=10, window_bytes=100)
    error = Error(code=ErrorCode.NOT_TEXT, message="no")
    for frame in ("one", error, "two"):
        inbox.put(frame)
    assert inbox.size_bytes == 6
    assert [inbox.take() for _ in range(3)] == ["one", error, "two"]
    assert inbox.is_empty
    assert inbox.size_bytes == 0


def test_it_is_crowded_by_many_frames_and_by_long_ones() -> None:
    inbox = Inbox(most_frames=2, window_bytes=100)
    crowded = []
    for frame in ("x", "x", "", "x" * 100):
        inbox.put(frame)
        crowded.append(inbox.is_crowded)
        if frame == "":
            inbox.clear()
    assert crowded == [False, True, True, True]
