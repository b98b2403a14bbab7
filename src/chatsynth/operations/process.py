"""What the system lets this process have."""

import gc
import sys
from contextlib import suppress
from pathlib import Path

DESCRIPTORS = Path("/proc/self/fd")


def allow_many_connections() -> None:
    """Each connection is an open file, and the usual limit of 1,024 is for programs that open few (promise P8)."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS has a lower limit than it says
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def settle_in() -> None:
    """What was made until now lasts as long as the process: the collector need not look through all of it again and
    again, while everybody waits (promise P7)."""
    gc.collect()
    gc.freeze()


def open_files() -> tuple[int, int]:
    """How many are open, and how many may be; (0, 1) where it cannot be told."""
    if not DESCRIPTORS.is_dir():
        return 0, 1
    import resource  # noqa: PLC0415 - not on Windows

    return sum(1 for _ in DESCRIPTORS.iterdir()), resource.getrlimit(resource.RLIMIT_NOFILE)[0]
