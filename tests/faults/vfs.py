"""A file system between SQLite and the real one: records every write, and fails or dies when it is told to.

It is SQLite's own VFS interface, reached through ctypes on the library that Python's `sqlite3` is linked with: each
opened file gets a copy of its method table in which five methods are ours. See https://sqlite.org/vfs.html.
"""

import _sqlite3
import ctypes
import itertools
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from ctypes import POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from tests.faults.control import Control, Death, Fault
from tests.faults.journal import Call, Record

NAME = b"chatsynth-faults"
OPEN_READONLY, OPEN_READWRITE, OPEN_CREATE = 0x1, 0x2, 0x4
"""SQLITE_OPEN_…, which Python has no names for."""
LAST_WORDS_S = 0.03

_OpenFunction = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DeleteFunction = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
_CloseFunction = ctypes.CFUNCTYPE(c_int, c_void_p)
_ReadFunction = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_WriteFunction = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TruncateFunction = ctypes.CFUNCTYPE(c_int, c_void_p, c_int64)
_SyncFunction = ctypes.CFUNCTYPE(c_int, c_void_p, c_int)


_installed: list[object] = []
"""SQLite goes on using what nobody else holds."""


class _Vfs(Structure):
    """struct sqlite3_vfs"""


_Vfs._fields_ = [
    ("iVersion", c_int),
    ("szOsFile", c_int),
    ("mxPathname", c_int),
    ("pNext", c_void_p),
    ("zName", c_char_p),
    ("pAppData", c_void_p),
    ("xOpen", _OpenFunction),
    ("xDelete", _DeleteFunction),
    *((f"method{number}", c_void_p) for number in range(14)),
]


class _Methods(Structure):
    """struct sqlite3_io_methods"""

    _fields_ = [
        ("iVersion", c_int),
        ("xClose", _CloseFunction),
        ("xRead", _ReadFunction),
        ("xWrite", _WriteFunction),
        ("xTruncate", _TruncateFunction),
        ("xSync", _SyncFunction),
        *((f"method{number}", c_void_p) for number in range(13)),
    ]


class _File(Structure):
    """struct sqlite3_file"""

    _fields_ = [("pMethods", POINTER(_Methods))]


class NotPossible(Exception):
    """This Python's SQLite cannot be reached; the sentence says why."""


@dataclass
class FaultyFileSystem:
    """Install it before the first connection is opened; it lasts as long as the process."""

    control: Control
    journal: Path | None = None
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(os.getpid() << 32))
    _opened: dict[int, tuple[int, str]] = field(default_factory=dict)
    """The number and the path of each open file, by its address."""
    _tables: dict[int, tuple[_Methods, _Methods]] = field(default_factory=dict)
    """Method tables as they were and as they are now, by the address of either."""

    def install(self) -> None:
        """The new default of all connections of this process. Raises NotPossible."""
        library = _sqlite_library()
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        self._base = library.sqlite3_vfs_find(None)
        self._written = None if self.journal is None else os.open(self.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._vfs = _Vfs.from_buffer_copy(self._base.contents)
        self._vfs.zName = NAME
        self._vfs.xOpen = _OpenFunction(_safely(self._open))
        self._vfs.xDelete = _DeleteFunction(_safely(self._delete))
        self._ours = {
            "xClose": _CloseFunction(_safely(self._close)),
            "xRead": _ReadFunction(_safely(self._read)),
            "xWrite": _WriteFunction(_safely(self._write)),
            "xTruncate": _TruncateFunction(_safely(self._truncate)),
            "xSync": _SyncFunction(_safely(self._sync)),
        }
        if library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1) != sqlite3.SQLITE_OK:
            raise NotPossible("SQLite did not take the file system.")
        _installed.append(self)

    def _note(self, call: Call, file: int, offset: int = 0, content: bytes = b"") -> None:
        if self._written is not None:
            os.write(self._written, Record(call, time.monotonic(), file, offset, content).to_bytes())

    # What SQLite calls

    def _open(self, _: int, name: int | None, file: int, flags: int, out_flags: int | None) -> int:
        path = "" if name is None else os.fsdecode(ctypes.string_at(name))
        if self.control.fault is Fault.READ_ONLY and path:
            flags = flags & ~(OPEN_READWRITE | OPEN_CREATE) | OPEN_READONLY
        code = int(self._base.contents.xOpen(ctypes.addressof(self._base.contents), name, file, flags, out_flags))
        opened = ctypes.cast(file, POINTER(_File)).contents
        if opened.pMethods:
            self._opened[file] = (next(self._numbers), path)
            opened.pMethods = ctypes.pointer(self._table(opened.pMethods))
            self._note(Call.OPEN, self._opened[file][0], content=os.fsencode(path))
        return code

    def _table(self, methods: "ctypes._Pointer[_Methods]") -> _Methods:
        address = ctypes.addressof(methods.contents)
        if address not in self._tables:
            table = _Methods.from_buffer_copy(methods.contents)
            for name, function in self._ours.items():
                setattr(table, name, function)
            self._tables[address] = self._tables[ctypes.addressof(table)] = (methods.contents, table)
        return self._tables[address][1]

    def _below(self, file: int) -> _Methods:
        opened = ctypes.cast(file, POINTER(_File)).contents
        return self._tables[ctypes.addressof(opened.pMethods.contents)][0]

    def _delete(self, _: int, name: int, sync_folder: int) -> int:
        path = ctypes.string_at(name)
        if self.control.fault in (Fault.READ_ONLY, Fault.WRITING):
            return sqlite3.SQLITE_IOERR_DELETE
        self._note(Call.DELETE, 0, sync_folder, path)
        return int(self._base.contents.xDelete(ctypes.addressof(self._base.contents), name, sync_folder))

    def _close(self, file: int) -> int:
        number, _ = self._opened.pop(file)
        self._note(Call.CLOSE, number)
        return int(self._below(file).xClose(file))

    def _read(self, file: int, content: int, length: int, offset: int) -> int:
        match self.control.fault:
            case Fault.READING:
                return sqlite3.SQLITE_IOERR_READ
            case Fault.CUT_SHORT:
                ctypes.memset(content, 0, length)
                return sqlite3.SQLITE_IOERR_SHORT_READ
            case _:
                return int(self._below(file).xRead(file, content, length, offset))

    def _write(self, file: int, content: int, length: int, offset: int) -> int:
        number, path = self._opened[file]
        moment = Death.IN_A_WRITE if path.endswith("-wal") else Death.IN_A_CHECKPOINT
        if path and self.control.is_time_to_die(moment):
            self._below(file).xWrite(file, content, length // 2, offset)
            _die()
        match self.control.fault:
            case Fault.FULL:
                self._write_below(number, file, content, length // 2, offset)
                return sqlite3.SQLITE_FULL
            case Fault.WRITING:
                return sqlite3.SQLITE_IOERR_WRITE
            case Fault.READ_ONLY:
                return sqlite3.SQLITE_READONLY
            case Fault.DAMAGED:
                return sqlite3.SQLITE_CORRUPT
            case Fault.NONE | Fault.SYNCING | Fault.READING | Fault.CUT_SHORT:
                return self._write_below(number, file, content, length, offset)

    def _write_below(self, number: int, file: int, content: int, length: int, offset: int) -> int:
        if self._written is not None:
            self._note(Call.WRITE, number, offset, ctypes.string_at(content, length))
        return int(self._below(file).xWrite(file, content, length, offset))

    def _truncate(self, file: int, size: int) -> int:
        if self.control.fault in (Fault.READ_ONLY, Fault.WRITING):
            return sqlite3.SQLITE_IOERR_TRUNCATE
        self._note(Call.TRUNCATE, self._opened[file][0], size)
        return int(self._below(file).xTruncate(file, size))

    def _sync(self, file: int, flags: int) -> int:
        number, path = self._opened[file]
        is_log = path.endswith("-wal")
        if is_log and self.control.is_time_to_die(Death.BEFORE_THE_SYNC):
            _die()
        time.sleep(self.control.sync_delay_s)
        if self.control.fault in (Fault.SYNCING, Fault.READ_ONLY):
            return sqlite3.SQLITE_IOERR_FSYNC
        code = int(self._below(file).xSync(file, flags))
        if is_log and self.control.is_time_to_die(Death.AFTER_THE_SYNC):
            _die()
        if code == sqlite3.SQLITE_OK:
            self._note(Call.SYNC, number)
        return code


def _sqlite_library() -> ctypes.CDLL:
    """A look-up in the module finds what the module was linked with, be it a library beside it or a part of it."""
    try:
        library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
        library.sqlite3_libversion.restype = c_char_p
        version: bytes = library.sqlite3_libversion()
        _ = library.sqlite3_vfs_register
    except (OSError, AttributeError) as hidden:
        raise NotPossible(f"The SQLite in this Python shows no functions: {hidden}.") from hidden
    if version.decode() != sqlite3.sqlite_version:
        raise NotPossible(f"Found SQLite {version.decode()}, but this Python uses {sqlite3.sqlite_version}.")
    return library


def why_not_possible() -> str | None:
    """None where the file system can be installed."""
    try:
        _sqlite_library()
    except NotPossible as sentence:
        return str(sentence)
    return None


def _safely(method: Callable[..., int]) -> Callable[..., int]:
    """An exception in a callback would read as success to SQLite."""

    def call(*arguments: object) -> int:
        try:
            return method(*arguments)
        except Exception as mistake:  # noqa: BLE001 - see above
            os.write(2, f"faulty file system: {mistake!r}\n".encode())
            return sqlite3.SQLITE_IOERR

    return call


def _die() -> NoReturn:
    """A moment later than now: whoever acknowledges what is not done yet gets the time to say so."""
    time.sleep(LAST_WORDS_S)
    while True:
        os.kill(os.getpid(), signal.SIGKILL)
