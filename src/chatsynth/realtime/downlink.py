"""The way to one peer: what was written to it, and whether it takes any."""

from chatsynth.realtime.ports import Wire


class Downlink:
    """Nobody waits for it: while the peer takes nothing, the wire holds what was written and the time is noted."""

    __slots__ = ("_blocked_since_s", "_last_buffered", "_wire", "bytes_sent", "is_writable")

    def __init__(self, wire: Wire, now_s: float) -> None:
        self._wire = wire
        self.bytes_sent = 0
        self.is_writable = True
        self._blocked_since_s = now_s
        self._last_buffered = 0

    def write(self, frames: bytes) -> None:
        self.bytes_sent += len(frames)
        self._wire.write(frames)

    @property
    def holds_unsent(self) -> bool:
        """What the transport holds can neither be taken back nor overtaken."""
        return self._wire.buffered_bytes() > 0

    def paused(self, now_s: float) -> None:
        self.is_writable = False
        self._blocked_since_s = now_s
        self._last_buffered = self._wire.buffered_bytes()

    def resumed(self) -> None:
        self.is_writable = True

    def is_stalled(self, now_s: float, stall_timeout_s: float) -> bool:
        """True after no byte has gone out for so long although some wait."""
        if self.is_writable:
            return False
        buffered = self._wire.buffered_bytes()
        if buffered < self._last_buffered:
            self._last_buffered = buffered
            self._blocked_since_s = now_s
        return now_s - self._blocked_since_s >= stall_timeout_s
