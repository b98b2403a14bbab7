"""Turns a byte stream in any Unicode encoding into UTF-8 without a byte order mark."""

import codecs
from collections.abc import Callable

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_as_utf8(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """A function that reads on like `read`. JSON begins with ASCII, so zeros tell the encoding if no mark does."""
    head = _at_least(read, 4)
    mark, encoding = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", _by_zeros(head)))
    pending = [head[len(mark) :]]

    def read_on(size: int) -> bytes:
        return pending.pop() if pending and pending[0] else read(size)

    return read_on if encoding == "utf-8" else _decoding(read_on, encoding)


def _at_least(read: Callable[[int], bytes], size: int) -> bytes:
    head = b""
    while len(head) < size and (more := read(4096)):
        head += more
    return head


def _by_zeros(head: bytes) -> str:
    match [byte == 0 for byte in head[:4]]:
        case [False, True, True, True]:
            return "utf-32-le"
        case [True, True, True, False]:
            return "utf-32-be"
        case [False, True, *_]:
            return "utf-16-le"
        case [True, False, *_]:
            return "utf-16-be"
        case _:
            return "utf-8"


def _decoding(read: Callable[[int], bytes], encoding: str) -> Callable[[int], bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    ended = False

    def read_on(size: int) -> bytes:
        nonlocal ended
        text = ""
        while not text and not ended:
            more = read(size)
            ended = not more
            text = decoder.decode(more, final=ended)
        return text.encode()

    return read_on
