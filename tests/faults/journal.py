"""What SQLite asked of the file system, call by call, as a recording server writes it down and a test reads it."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

_HEADER = struct.Struct("<BdQqI")


class Call(IntEnum):
    """`offset` is the size for `TRUNCATE`, and whether the folder was synced for `DELETE`; `content` is what was
    written, or the path for `OPEN` and `DELETE`."""

    OPEN = 1
    WRITE = 2
    TRUNCATE = 3
    SYNC = 4
    DELETE = 5
    CLOSE = 6


@dataclass(frozen=True, slots=True)
class Record:
    """`at_s` is `time.monotonic()`, which all processes of a machine share. `file` names an open file for ever.

    A write is written down before it is done, a sync after it has returned.
    """

    call: Call
    at_s: float
    file: int
    offset: int = 0
    content: bytes = b""

    def to_bytes(self) -> bytes:
        return _HEADER.pack(self.call, self.at_s, self.file, self.offset, len(self.content)) + self.content


def read_journal(path: Path) -> Iterator[Record]:
    """A record that was cut off by the end of its process is left out."""
    with path.open("rb") as journal:
        while len(header := journal.read(_HEADER.size)) == _HEADER.size:
            call, at_s, file, offset, length = _HEADER.unpack(header)
            content = journal.read(length)
            if len(content) == length:
                yield Record(Call(call), at_s, file, offset, content)
