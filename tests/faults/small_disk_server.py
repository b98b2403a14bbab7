"""`python -m tests.faults.small_disk_server BYTES LIBRARY serve`: `chatsynth serve` on a disk of that size.

The disk is a file system in memory that only this process sees; it begins with the files of the folder LIBRARY. No
special right is needed where Linux lets people have namespaces of their own.
"""

import ctypes
import os
import shutil
import sys
from pathlib import Path

from chatsynth.cli import main

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000


class NoSmallDisk(Exception):
    """This system does not let this person have one."""


def mount_small_disk(folder: Path, size_bytes: int) -> None:
    """Must be called while the process has one thread. Raises NoSmallDisk."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
        raise NoSmallDisk(os.strerror(ctypes.get_errno()))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    options = f"size={size_bytes}".encode()
    if libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, options) != 0:
        raise NoSmallDisk(os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    size, library, *arguments = sys.argv[1:]
    data = Path(os.environ["CHATSYNTH_DATA"])
    data.mkdir(exist_ok=True)
    mount_small_disk(data, int(size))
    shutil.copytree(library, data, dirs_exist_ok=True)
    sys.argv = ["chatsynth", *arguments]
    main()
