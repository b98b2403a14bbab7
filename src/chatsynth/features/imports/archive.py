"""Opens what a person gives to import, a zip, a JSON file or a folder, and finds the JSON files in it.

Nothing is ever written: names in an archive only serve to tell files apart and to report them.
"""

import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from chatsynth.features.imports.detect import detect_head
from chatsynth.features.imports.errors import ExportError
from chatsynth.features.imports.limits import Limits
from chatsynth.features.imports.text_cleaning import clean_text

_MOST_LISTED = 1000
_LONGEST_NAME = 200
_SPLIT_NUMBERS = re.compile(r"(\d+)")
_MAYBE_JSON = frozenset({".json", ".txt", ""})
_ARCHIVES = frozenset({".zip", ".gz", ".tar", ".tgz", ".7z", ".rar"})
# Account data that no import needs: sessions and payments of Grok, addresses and phone numbers of the others.
_NEVER_READ = re.compile(r"(prod-mc-.*|users?|user_settings)\.json", re.IGNORECASE)
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    OverflowError,
    IndexError,
)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file that is not imported, and why in words."""

    name: str
    reason: str


@dataclass(slots=True)
class Meter:
    """Counts what is read in one pass over an export."""

    limits: Limits
    bytes_read: int = 0

    def passed(self, file: "JsonFile", of_file: int, more: int) -> None:
        """Raises ExportError when a limit is reached after `of_file` bytes of a file, `more` of them new."""
        self.bytes_read += more
        limits = self.limits
        if of_file > limits.ratio_applies_above and of_file > limits.max_ratio * file.packed_size:
            raise ExportError(
                "archive-bomb", f"“{file.name}” unpacks to far more than any export does. It was not read."
            )
        if of_file > limits.max_file_bytes or self.bytes_read > limits.max_total_bytes:
            raise ExportError(
                "export-too-large", f"The export is larger than {limits.max_total_bytes:,} bytes of text."
            )


@dataclass(frozen=True, slots=True)
class JsonFile:
    """A file that may hold conversations. `size` is what it says of itself; `packed_size` is certain."""

    name: str
    size: int
    packed_size: int
    open_bytes: Callable[[], IO[bytes]]

    @property
    def is_usual(self) -> bool:
        """Whether it is called as the platforms call their lists of conversations."""
        return self.name.rpartition("/")[2].lower().startswith("conversations")

    @contextmanager
    def reading(self, meter: Meter) -> Iterator[Callable[[int], bytes]]:
        """Gives a function that reads on. Raises ExportError when the file is damaged or a limit is reached."""
        with self._damage_told():
            opened = self.open_bytes()
        of_file = 0

        def read(size: int) -> bytes:
            nonlocal of_file
            with self._damage_told():
                more = opened.read(size)
            of_file += len(more)
            meter.passed(self, of_file, len(more))
            return more

        with opened:
            yield read

    @contextmanager
    def _damage_told(self) -> Iterator[None]:
        try:
            yield
        except _ZIP_ERRORS as error:
            raise ExportError(
                "archive-damaged", f"“{self.name}” cannot be read because the file is damaged ({_shown(str(error))})."
            ) from error


@dataclass(slots=True)
class Contents:
    """The files of an export: what to look into, and what is left out already by its name or kind."""

    files: list[JsonFile] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    ignored_total: int = 0
    holds_archives: bool = False

    def ignore(self, name: str, reason: str) -> None:
        """Lists a file as not imported. Of very many only the first are kept, and all are counted."""
        self.ignored_total += 1
        if len(self.ignored) < _MOST_LISTED:
            self.ignored.append(Ignored(name, reason))


@contextmanager
def open_contents(path: Path, limits: Limits) -> Iterator[Contents]:
    """The files at `path`, in an order that is always the same. Raises ExportError when there is nothing to read."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise ExportError("cannot-open", f"The file cannot be opened ({_shown(str(error))}).") from error
    if stat.S_ISDIR(mode):
        yield _sorted(_folder_contents(path, limits))
    elif not stat.S_ISREG(mode):
        raise ExportError("cannot-open", "This is neither a file nor a folder.")
    elif _head(path).startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06")):
        with _opened_zip(path, limits) as archive:
            yield _sorted(_zip_contents(archive, path.stat().st_size, limits))
    else:
        yield _file_contents(path)


def _sorted(contents: Contents) -> Contents:
    """Shards by their number, so that a second run finds everything in the same order."""
    contents.files.sort(key=lambda file: (_by_number(file.name), file.name))
    return contents


def _by_number(name: str) -> Sequence[tuple[int, str]]:
    pieces = _SPLIT_NUMBERS.split(name.lower())
    return [(int(piece[:18]), "") if place % 2 else (-1, piece) for place, piece in enumerate(pieces)]


def _shown(name: str) -> str:
    """A name that can be printed and that fits into a line."""
    cleaned = "".join(c if c.isprintable() else "�" for c in clean_text(name[: 4 * _LONGEST_NAME]))
    return cleaned if len(cleaned) <= _LONGEST_NAME else "…" + cleaned[1 - _LONGEST_NAME :]


# A single file and a folder ---------------------------------------------------------------------


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4096)
    except OSError as error:
        raise ExportError("cannot-open", f"The file cannot be opened ({_shown(str(error))}).") from error


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _file_contents(path: Path) -> Contents:
    head = _head(path)
    if not head:
        raise ExportError("empty-file", "The file is empty.")
    if words := detect_head(head):
        raise ExportError("unsupported-format", f"This file is {words}.")
    size = path.stat().st_size
    return Contents([JsonFile(_shown(path.name), size, size, _opener(path))])


def _folder_contents(folder: Path, limits: Limits) -> Contents:
    contents = Contents()
    count = 0
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            count += 1
            if count > limits.max_files:
                raise ExportError("too-many-files", f"There are more than {limits.max_files:,} files in this folder.")
            path = Path(root, name)
            shown = _shown(path.relative_to(folder).as_posix())
            if not stat.S_ISREG(path.lstat().st_mode):
                contents.ignore(shown, "it is a link, not a file")
            elif _may_hold_conversations(shown, contents):
                size = path.stat().st_size
                contents.files.append(JsonFile(shown, size, size, lambda path=path: path.open("rb")))  # type: ignore[misc]
    return contents


def _may_hold_conversations(name: str, contents: Contents) -> bool:
    base = name.rpartition("/")[2]
    suffix = "." + base.rpartition(".")[2].lower() if "." in base else ""
    if base.startswith("._") or name.startswith("__MACOSX/"):
        contents.ignore(name, "it is a note of macOS")
    elif _NEVER_READ.fullmatch(base):
        contents.ignore(name, "account data are never read")
    elif suffix in _ARCHIVES:
        contents.holds_archives = True
        contents.ignore(name, "it is an archive within the export")
    elif suffix not in _MAYBE_JSON:
        contents.ignore(name, "it holds no conversations")
    else:
        return True
    return False


# Zip --------------------------------------------------------------------------------------------


@contextmanager
def _opened_zip(path: Path, limits: Limits) -> Iterator[zipfile.ZipFile]:
    try:
        _check_directory_size(path, limits)
        archive = zipfile.ZipFile(path)
    except _ZIP_ERRORS as error:
        raise ExportError(
            "archive-damaged", "The zip is damaged or not complete: its list of files is missing. Download it again."
        ) from error
    with archive:
        yield archive


def _check_directory_size(path: Path, limits: Limits) -> None:
    """Reads how large the list of files is before it is read into memory (APPNOTE.TXT 4.3.14 to 4.3.16)."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 65_557 - 20, 0))
        tail = file.read()
        end = tail.rfind(b"PK\x05\x06")
        if end < 0:
            raise zipfile.BadZipFile("no end record")
        (size,) = struct.unpack_from("<I", tail, end + 12)
        locator = end - 20
        if locator >= 0 and tail[locator : locator + 4] == b"PK\x06\x07":
            file.seek(struct.unpack_from("<Q", tail, locator + 8)[0])
            record = file.read(56)
            if record.startswith(b"PK\x06\x06"):
                size = max(size if size != 0xFFFFFFFF else 0, struct.unpack_from("<Q", record, 40)[0])
    if size > limits.max_directory_bytes:
        raise ExportError("too-many-files", f"There are more than {limits.max_files:,} files in this zip.")


def _zip_contents(archive: zipfile.ZipFile, archive_size: int, limits: Limits) -> Contents:
    contents = Contents()
    members = archive.infolist()
    if len(members) > limits.max_files:
        raise ExportError("too-many-files", f"There are more than {limits.max_files:,} files in this zip.")
    for member in members:
        shown = _shown(member.filename.replace("\\", "/"))
        if member.filename.endswith("/"):  # is_dir() fails for a member without a name
            continue
        if stat.S_ISLNK(member.external_attr >> 16):
            contents.ignore(shown, "it is a link, not a file")
        elif _leads_out(member.filename):
            contents.ignore(shown, "its name points out of the archive")
        elif _may_hold_conversations(shown, contents):
            contents.files.append(_zip_file(archive, member, shown, archive_size))
    return contents


def _leads_out(name: str) -> bool:
    steps = name.replace("\\", "/").split("/")
    return steps[0] == "" or ".." in steps or ":" in steps[0]


def _zip_file(archive: zipfile.ZipFile, member: zipfile.ZipInfo, shown: str, archive_size: int) -> JsonFile:
    def open_bytes() -> IO[bytes]:
        if member.flag_bits & 0x1:
            raise ExportError(
                "archive-encrypted", f"“{shown}” is protected by a password. Unpack it and import the files."
            )
        # The decoders for the other methods unpack a whole block at once, however large it gets.
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ExportError(
                "archive-compression", f"“{shown}” is packed in an unusual way. Unpack it and import the files."
            )
        return archive.open(member)

    return JsonFile(shown, member.file_size, min(member.compress_size, archive_size), open_bytes)
