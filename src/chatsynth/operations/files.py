"""How large the database is, and how much room there is for it."""

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileSizes:
    database_bytes: int
    wal_bytes: int
    disk_free_bytes: int
    disk_bytes: int


def sizes_of(database: Path) -> FileSizes:
    disk = shutil.disk_usage(database.parent)
    wal = database.with_name(f"{database.name}-wal")
    return FileSizes(_size(database), _size(wal), disk.free, disk.total)


def _size(file: Path) -> int:
    """0 for a file that is not there: the write-ahead log may come and go."""
    try:
        return file.stat().st_size
    except OSError:
        return 0
