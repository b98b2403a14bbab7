"""What is left of a folder after a power cut: all that was synced, and of the rest whatever the disk had got to.

The model is that of a disk with a cache: a sync makes everything that was written to its file before durable; of later
writes any sectors may be there, in any order, and a file may be longer or shorter than it was. The folder itself is
written in order, but late: a file that was deleted without a sync may be there again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random

from tests.faults.journal import Call, Record

SECTOR = 512


@dataclass
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Record] = field(default_factory=list)

    def sync(self) -> None:
        for record in self.pending:
            _apply(record, self.durable)
        self.pending.clear()

    def after_the_cut(self, random: Random) -> bytes:
        left = bytearray(self.durable)
        reached_disk = random.choice([0.0, 0.2, 0.5, 0.9, 1.0])
        for record in random.sample(self.pending, len(self.pending)):
            if random.random() < reached_disk:
                _apply_torn(record, left, random)
        return bytes(left)


@dataclass(frozen=True)
class _Renamed:
    """The folder has this file by this name from here on; None: no longer."""

    path: str
    file: _File | None


class Disk:
    """Feed it records in order; `after_a_cut` may be asked at any moment."""

    def __init__(self, before: Path, folder: Path) -> None:
        """`before` holds what was on disk when the recording began, `folder` is where it was recorded."""
        self._folder = folder
        self._names = {str(folder / path.name): _File(bytearray(path.read_bytes())) for path in before.iterdir()}
        self._durable_names = dict(self._names)
        self._pending_names: list[_Renamed] = []
        self._opened: dict[int, _File] = {}

    def feed(self, records: Iterable[Record]) -> None:
        for record in records:
            self._feed(record)

    def _feed(self, record: Record) -> None:
        match record.call:
            case Call.OPEN:
                self._open(record.file, record.content.decode())
            case Call.CLOSE:
                del self._opened[record.file]
            case Call.WRITE | Call.TRUNCATE:
                self._opened[record.file].pending.append(record)
            case Call.SYNC:
                self._sync(self._opened[record.file])
            case Call.DELETE:
                self._delete(record.content.decode(), is_synced=bool(record.offset))

    def _open(self, number: int, path: str) -> None:
        if path and path not in self._names:
            self._names[path] = _File()
            self._pending_names.append(_Renamed(path, self._names[path]))
        self._opened[number] = self._names[path] if path else _File()

    def _sync(self, file: _File) -> None:
        """SQLite syncs the folder too when it first syncs a file that it has made."""
        file.sync()
        if any(each.file is file for each in self._pending_names):
            self._sync_folder()

    def _delete(self, path: str, *, is_synced: bool) -> None:
        if self._names.pop(path, None) is not None:
            self._pending_names.append(_Renamed(path, None))
        if is_synced:
            self._sync_folder()

    def _sync_folder(self) -> None:
        self._durable_names = dict(self._names)
        self._pending_names.clear()

    def after_a_cut(self, random: Random, into: Path) -> None:
        """Writes the files that are left into an empty folder."""
        names = dict(self._durable_names)
        for renamed in self._pending_names[: random.randint(0, len(self._pending_names))]:
            if renamed.file is None:
                names.pop(renamed.path, None)
            else:
                names[renamed.path] = renamed.file
        for path, file in names.items():
            if Path(path).parent == self._folder:
                (into / Path(path).name).write_bytes(file.after_the_cut(random))


def _apply(record: Record, content: bytearray) -> None:
    if record.call is Call.TRUNCATE:
        del content[record.offset :]
        content.extend(bytes(record.offset - len(content)))
    else:
        _write(content, record.offset, record.content)


def _write(content: bytearray, offset: int, written: bytes) -> None:
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(written)] = written


def _apply_torn(record: Record, content: bytearray, random: Random) -> None:
    """Whole, or only some of the sectors that it touches."""
    if record.call is Call.TRUNCATE or random.random() < 0.5:
        _apply(record, content)
        return
    start, end = record.offset, record.offset + len(record.content)
    bounds = [start, *range(start - start % SECTOR + SECTOR, end, SECTOR), end]
    for first, last in pairwise(bounds):
        if random.random() < 0.5:
            _write(content, first, record.content[first - start : last - start])
