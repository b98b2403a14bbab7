"""How much one HTTP connection may cost before and while it is answered; see docs/reference/settings.md."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpSettings:
    max_body_bytes: int = 16 * 1024 * 1024
    max_body_values: int = 100_000
    max_stranger_body_bytes: int = 64 * 1024
    max_head_bytes: int = 64 * 1024
    max_waiting_connections: int = 512
    max_pipelined: int = 16
    max_requests: int = 1000
    max_requests_per_user: int = 64
    head_timeout_s: float = 10.0
    stall_timeout_s: float = 30.0
    min_bytes_per_s: int = 1024
