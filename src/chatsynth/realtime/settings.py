"""How much one connection may cost, and how long it may stall; see docs/reference/settings.md."""

from dataclasses import dataclass

from chatsynth.realtime.frames import Limits
from chatsynth.realtime.pace import Rate


@dataclass(frozen=True, slots=True)
class LiveSettings:
    max_frame_bytes: int = 4 * 1024 * 1024
    max_frame_values: int = 100_000
    max_subscriptions: int = 1000
    max_text_units: int = 4_000_000
    max_presence_bytes: int = 4096
    max_connections_per_user: int = 200
    max_connections: int = 10_000
    max_held_bytes: int = 512 * 1024 * 1024
    frames_per_s: int = 1000
    frames_burst: int = 1000
    frames_per_s_per_user: int = 2000
    frames_burst_per_user: int = 2000
    outbox_window_bytes: int = 1024 * 1024
    reply_window_bytes: int = 256 * 1024
    write_chunk_bytes: int = 64 * 1024
    inbox_frames: int = 256
    inbox_window_bytes: int = 1024 * 1024
    frames_per_turn: int = 32
    commands_in_flight: int = 64
    heartbeat_interval_s: float = 15.0
    idle_timeout_s: float = 60.0
    stall_timeout_s: float = 10.0
    read_retry_s: float = 1.0
    drain_s: float = 1.0
    drain_retry_ms: int = 1000

    @property
    def rate(self) -> Rate:
        return Rate(self.frames_per_s, self.frames_burst)

    @property
    def rate_per_user(self) -> Rate:
        return Rate(self.frames_per_s_per_user, self.frames_burst_per_user)

    def limits(self) -> Limits:
        return Limits(
            max_frame_bytes=self.max_frame_bytes,
            max_frame_values=self.max_frame_values,
            max_subscriptions=self.max_subscriptions,
            max_text_units=self.max_text_units,
            max_presence_bytes=self.max_presence_bytes,
            heartbeat_interval_ms=int(self.heartbeat_interval_s * 1000),
        )
