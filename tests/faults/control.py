"""How a test tells a server's file system what to do: a few numbers in a file that both have in memory."""

import mmap
import struct
from enum import IntEnum
from pathlib import Path
from typing import Self

_NUMBERS = struct.Struct("<IIII")


class Fault(IntEnum):
    """What fails from now on, as SQLite is told it. A full disk takes half of what is written."""

    NONE = 0
    FULL = 1
    WRITING = 2
    SYNCING = 3
    READ_ONLY = 4
    DAMAGED = 5
    READING = 6
    CUT_SHORT = 7
    """Reading finds the end of the file where there was something: SQLite goes on with zeros."""


class Death(IntEnum):
    """Where the server dies by `kill -9`, the worst moments of a change."""

    NEVER = 0
    IN_A_WRITE = 1
    """Half of a write to the log of SQLite (WAL) is done."""
    BEFORE_THE_SYNC = 2
    AFTER_THE_SYNC = 3
    """The change is on disk, and nobody was told."""
    IN_A_CHECKPOINT = 4
    """Half of a page is written to the database itself."""


class Control:
    """Fault, death, how many moments of that kind pass before it, and how much longer each sync takes, in ms."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_NUMBERS.size))
        self.path = path
        with path.open("r+b") as file:
            self._numbers = mmap.mmap(file.fileno(), _NUMBERS.size)

    def _get(self, index: int) -> int:
        found: int = _NUMBERS.unpack_from(self._numbers)[index]
        return found

    def _set(self, index: int, value: int) -> None:
        struct.pack_into("<I", self._numbers, 4 * index, value)

    @property
    def fault(self) -> Fault:
        return Fault(self._get(0))

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self._set(0, fault)

    def die(self, death: Death, after: int = 0) -> None:
        self._set(2, after)
        self._set(1, death)

    def is_time_to_die(self, death: Death) -> bool:
        """Called at each such moment."""
        if self._get(1) != death:
            return False
        left = self._get(2)
        self._set(2, max(0, left - 1))
        return left == 0

    @property
    def sync_delay_s(self) -> float:
        return self._get(3) / 1000

    @sync_delay_s.setter
    def sync_delay_s(self, delay_s: float) -> None:
        self._set(3, round(delay_s * 1000))

    def close(self) -> None:
        self._numbers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
