"""Time comes in by the door: everything that needs the time is given a `Clock`."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Returns milliseconds since 1970 UTC."""


def system_clock() -> int:
    return time.time_ns() // 1_000_000
