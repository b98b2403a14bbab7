"""What waits to be written to one connection, bounded, in three delivery classes.

*log*: never buffered beyond a window; when it is full the subscription is marked behind and fed from the log later.
*state*: only the newest value for each key. *reply*: kept in order; the reader is paused while too many wait.
"""

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Outbox:
    window_bytes: int
    reply_window_bytes: int
    _frames: deque[tuple[str | None, bytes]] = field(default_factory=deque)
    _states: dict[str, tuple[str | None, bytes]] = field(default_factory=dict)
    log_bytes: int = 0
    reply_bytes: int = 0

    def push_log(self, channel: str, frame: bytes) -> bool:
        """False when the window is full. One frame always fits an empty window, however large it is."""
        if self.log_bytes and self.log_bytes + len(frame) > self.window_bytes:
            return False
        self.log_bytes += len(frame)
        self._frames.append((channel, frame))
        return True

    def push_reply(self, frame: bytes) -> None:
        self.reply_bytes += len(frame)
        self._frames.append((None, frame))

    def put_state(self, key: str, channel: str | None, frame: bytes) -> None:
        self._states.pop(key, None)  # the newest value also takes the newest place
        self._states[key] = (channel, frame)

    @property
    def is_empty(self) -> bool:
        return not self._frames and not self._states

    @property
    def waiting_bytes(self) -> int:
        return self.log_bytes + self.reply_bytes + sum(len(frame) for _, frame in self._states.values())

    @property
    def takes_replies(self) -> bool:
        return self.reply_bytes < self.reply_window_bytes

    @property
    def is_low(self) -> bool:
        """Low enough to be fed from the log again."""
        return self.log_bytes * 2 < self.window_bytes

    def take(self, most_bytes: int) -> bytes:
        """The next frames joined into one write (one system call): at least one frame if any waits, else nothing."""
        taken: list[bytes] = []
        room = most_bytes
        while self._frames and room > 0:
            channel, frame = self._frames.popleft()
            if channel is None:
                self.reply_bytes -= len(frame)
            else:
                self.log_bytes -= len(frame)
            room -= len(frame)
            taken.append(frame)
        if room > 0 and self._states:
            taken.extend(frame for _, frame in self._states.values())
            self._states.clear()
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def purge(self, channel: str) -> None:
        """Forgets every queued frame of a channel whose right has ended (rule REV1)."""
        self._frames = deque(item for item in self._frames if item[0] != channel)
        self.log_bytes = sum(len(frame) for name, frame in self._frames if name is not None)
        self.forget_states(channel)

    def forget_states(self, channel: str) -> None:
        """Nothing of a channel follows the answer that it was left (rule SUB5)."""
        self._states = {key: item for key, item in self._states.items() if item[0] != channel}

    def clear(self) -> None:
        self._frames.clear()
        self._states.clear()
        self.log_bytes = self.reply_bytes = 0
