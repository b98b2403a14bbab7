"""Frames that were received and not looked at yet, bounded in number and in bytes."""

from collections import deque
from dataclasses import dataclass, field

from chatsynth.realtime.frames import Error


@dataclass(slots=True)
class Inbox:
    """Holds what it is given; whoever fills it stops while it `is_crowded`."""

    most_frames: int
    window_bytes: int
    _frames: deque[str | Error] = field(default_factory=deque)
    size_bytes: int = 0

    def put(self, frame: str | Error) -> None:
        self._frames.append(frame)
        self.size_bytes += _size(frame)

    def take(self) -> str | Error:
        frame = self._frames.popleft()
        self.size_bytes -= _size(frame)
        return frame

    @property
    def is_empty(self) -> bool:
        return not self._frames

    @property
    def is_crowded(self) -> bool:
        return len(self._frames) >= self.most_frames or self.size_bytes >= self.window_bytes

    def clear(self) -> None:
        self._frames.clear()
        self.size_bytes = 0


def _size(frame: str | Error) -> int:
    return len(frame) if isinstance(frame, str) else 0
