"""Uploaded files on their way to an import: streamed to the disk, and deleted as soon as nobody needs them."""

import errno
import os
import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from chatsynth.features.imports.file_part import BROKEN, FilePart
from chatsynth.features.imports.text_cleaning import clean_text
from chatsynth.kit.ids import random_id
from chatsynth.realtime.errors import ErrorCode, Refused

WRITE_BYTES = 1024 * 1024
LONGEST_FILENAME = 200
LONGEST_STORED_NAME = 80
ROOM_BYTES = 64 * 1024 * 1024
"""What stays free on the disk beside an upload."""
NO_ROOM = "There is not enough room on the disk of the server for this file."
NOT_STORED = "The server could not store the file. Please try again later."
NO_NAME = "export"
_UNUSUAL = re.compile(r"[^A-Za-z0-9 _().-]+")


@dataclass(frozen=True, slots=True)
class Upload:
    """`path` is in a folder of its own with a random name; `filename` is what the person calls the file."""

    path: Path
    filename: str


class Uploads:
    """The folder of uploads. Lives on the event loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arriving: set[Path] = set()

    async def receive(self, request: Request) -> Upload:
        """Stores the field `file` of the form. The caller says `settled` once a job has it. Raises Refused."""
        part = FilePart(request.headers.get("content-type", ""))
        folder = self._folder / random_id()
        self._arriving.add(folder)
        try:
            await run_in_threadpool(self._make, folder, request.headers.get("content-length", ""))
            return await _store(request, part, folder)
        except BaseException as failed:
            await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)
            self._arriving.discard(folder)
            match failed:
                case OSError():
                    raise _refused(failed) from failed
                case ClientDisconnect():
                    raise Refused(ErrorCode.INVALID, BROKEN) from failed
                case _:
                    raise

    def _make(self, folder: Path, content_length: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        announced = int(content_length) if content_length.isascii() and content_length.isdigit() else 0
        if shutil.disk_usage(self._folder).free < announced + ROOM_BYTES:
            raise Refused(ErrorCode.UNAVAILABLE, NO_ROOM)
        folder.mkdir(mode=0o700)

    def settled(self, upload: Upload) -> None:
        """The upload belongs to a job now, or was discarded."""
        self._arriving.discard(upload.path.parent)

    def settled_folders(self) -> list[Path]:
        """Every upload that has arrived, whether a job needs it or not."""
        if not self._folder.is_dir():
            return []
        return [each for each in self._folder.iterdir() if each not in self._arriving]


def discard(path: Path) -> None:
    """Deletes an upload with its folder."""
    shutil.rmtree(path.parent, ignore_errors=True)


def discard_unneeded(folders: Collection[Path], needed: Collection[str]) -> None:
    """Deletes the uploads that no unfinished job has, such as those of a server that was killed."""
    still = {Path(path).parent for path in needed}
    for folder in folders:
        if folder not in still:
            shutil.rmtree(folder, ignore_errors=True)


async def _store(request: Request, part: FilePart, folder: Path) -> Upload:
    """Bytes go to the disk in large pieces on a thread: a slow disk delays nobody else."""
    path = folder / "arriving"
    waiting = bytearray()
    file = await run_in_threadpool(path.open, "wb")
    try:
        async for body in request.stream():
            waiting += part.feed(body)
            if len(waiting) >= WRITE_BYTES:
                await run_in_threadpool(file.write, bytes(waiting))
                waiting.clear()
        part.end()
        await run_in_threadpool(_finish, file, bytes(waiting))
    finally:
        await run_in_threadpool(file.close)
    filename = _shown_name(part.filename or "")
    return Upload(await run_in_threadpool(path.rename, folder / _stored_name(filename)), filename)


def _finish(file: IO[bytes], rest: bytes) -> None:
    """On the disk before a job says that it is there."""
    file.write(rest)
    file.flush()
    os.fsync(file.fileno())


def _refused(failed: OSError) -> Refused:
    is_full = failed.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return Refused(ErrorCode.UNAVAILABLE, NO_ROOM if is_full else NOT_STORED)


def _shown_name(filename: str) -> str:
    """The last step of a path, as browsers of old sent it, without what cannot be printed."""
    last = clean_text(filename).replace("\\", "/").rpartition("/")[2]
    printable = "".join(each for each in last if each.isprintable()).strip()
    return printable[:LONGEST_FILENAME] or NO_NAME


def _stored_name(filename: str) -> str:
    """A name that no file system misunderstands, and in which people recognise theirs when an error names it."""
    return _UNUSUAL.sub("_", filename).strip(" .")[-LONGEST_STORED_NAME:] or NO_NAME
