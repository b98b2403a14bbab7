"""Cuts the items of a JSON list out of a byte stream without parsing them, so that one item is held at a time.

Items of a list begin with the same key, so the end of most is guessed: it is where the text occurs that stood between
the item before and its next one. What lies between two ends is an item if and only if it is JSON, which parsing tells.
That takes 0.4 s for 100 MB, parsing included.

Where the guess fails, only brackets and quotes matter, and methods of `bytes` find those without any Python code per
token, in another 0.7 s. An event parser like `ijson` takes longer, and stops at the first lone surrogate, NaN or
invalid byte of a file, while an item that was cut out can be repaired, or skipped unread when it is too large. An item
that is not JSON at all is found when it is parsed.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from chatsynth.features.imports.errors import ExportError
from chatsynth.features.imports.json_values import parse_strictly

_READ_SIZE = 1 << 18
_FIRST_WINDOW = 1 << 12
_LAST_WINDOW = 1 << 14
_FEW_BYTES = 128
_MOST_GUESSED = 1 << 20
_MOST_WRONG = 8
"""In a row; then no more is guessed. Hostile text can make every guess wrong."""

_ONE_PAIR = bytes.maketrans(b"[]", b"{}")  # the parser finds crossed brackets, here only depth matters
_NO_STRUCTURE = bytes(set(range(256)) - set(b'"{}[]'))
_ESCAPE = re.compile(rb'\\["\\]')
_WHITE = re.compile(rb"[ \t\n\r]*")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAR = re.compile(rb"[^,\]}\[{\" \t\n\r:]+")
_BOUNDARY = re.compile(rb'[ \t\n\r]*,[ \t\n\r]*\{[ \t\n\r]*"[^"\\]{1,100}"')


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item: `raw` is its JSON, or None when it is longer than the limit. `at` and `size` are in bytes.

    `parsed` holds the value if finding the end has parsed it.
    """

    raw: bytes | None
    at: int
    size: int
    parsed: tuple[object] | None = None


class JsonStream:
    """Reads values one after the other from `read`, which gives UTF-8 and b"" at the end."""

    def __init__(self, read: Callable[[int], bytes], name: str) -> None:
        self._read = read
        self.name = name
        self._buffer = b""
        self._masked: bytes | None = None  # the same without escape sequences, see `_mask`; made when it is needed
        self._held_back = b""
        self._at = 0
        self._passed = 0
        self._ended = False
        self._boundary = b""  # what stood between two items, the bracket that closes the first included
        self._wrong = 0

    @property
    def offset(self) -> int:
        """How many bytes are consumed."""
        return self._passed + self._at

    def peek(self) -> bytes:
        """The next byte that is not white space; b"" at the end."""
        while True:
            match = _WHITE.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._fill():
                return b""

    def take(self, expected: bytes) -> bool:
        """Consumes the next byte when it is one of `expected`."""
        byte = self.peek()
        if byte and byte in expected:
            self._at += 1
            return True
        return False

    def value(self, limit: int) -> RawItem:
        """The next value, whatever it is."""
        byte = self.peek()
        if byte and byte in b"{[":
            return self._guessed(limit) or self._container(limit)
        return self._match(_STRING if byte == b'"' else _SCALAR, limit)

    def broken(self, what: str) -> ExportError:
        """The error to raise when the text is not JSON from here on."""
        if not self.peek():
            return ExportError(
                "json-truncated", f"“{self.name}” ends in the middle, after {self.offset:,} bytes. Download it again."
            )
        return ExportError(
            "json-broken", f"“{self.name}” is not valid JSON: {what} was expected at byte {self.offset:,}."
        )

    def _fill(self, wanted: int = _READ_SIZE) -> bool:
        if self._ended:
            return False
        more = self._read(max(wanted, _READ_SIZE))
        self._ended = not more
        more = self._held_back + more
        self._held_back = b"" if self._ended else _dangling_escape(more)
        more = more[: len(more) - len(self._held_back)]
        self._passed += self._at
        self._buffer = self._buffer[self._at :] + more
        if self._masked is not None:
            self._masked = self._masked[self._at :] + _mask(more)
        self._at = 0
        return not self._ended

    def _match(self, pattern: re.Pattern[bytes], limit: int) -> RawItem:
        at = self.offset
        while True:
            match = pattern.match(self._buffer, self._at)
            # A number that reaches the end of the buffer may go on after it.
            if match and (pattern is _STRING or match.end() < len(self._buffer) or self._ended):
                raw = match.group()
                self._at = match.end()
                return RawItem(raw, at, len(raw))
            held = len(self._buffer) - self._at
            if held > limit:
                raise ExportError("json-too-large", f"“{self.name}” holds a single value of more than {limit:,} bytes.")
            if not self._fill(held):
                raise self.broken("a value")

    def learn_boundary(self) -> None:
        """To be called where an item of a list has ended."""
        if not self._boundary and (found := _BOUNDARY.match(self._buffer, self._at)):
            self._boundary = b"}" + found.group()

    def _guessed(self, limit: int) -> RawItem | None:
        """The next value if its end can be guessed."""
        if not self._boundary or self._wrong > _MOST_WRONG:
            return None
        end = self._buffer.find(self._boundary, self._at)
        while end < 0 and len(self._buffer) - self._at < _MOST_GUESSED and self._fill(len(self._buffer) - self._at):
            end = self._buffer.find(self._boundary, self._at)
        size = end + 1 - self._at
        if end < 0 or size > limit:
            return None
        raw = self._buffer[self._at : end + 1]
        try:
            item = RawItem(raw, self.offset, size, (parse_strictly(raw),))
        except ValueError:
            self._wrong += 1
            return None
        self._at, self._wrong = end + 1, 0
        self._masked = None
        return item

    def _mask_from_here(self) -> bytes:
        if self._masked is None:
            self._passed += self._at
            self._buffer = self._buffer[self._at :]
            self._masked = _mask(self._buffer)
            self._at = 0
        return self._masked

    def _container(self, limit: int) -> RawItem:
        at = self.offset
        self._mask_from_here()
        pieces = [self._buffer[self._at : self._at + 1]]
        self._at += 1
        size, window = 1, _FIRST_WINDOW
        place = _Place(depth=1, in_string=False)
        while place.depth:
            if self._at == len(self._buffer) and not self._fill():
                raise self.broken("the end of a value")
            length, place = _advance(self._mask_from_here()[self._at : self._at + window], place)
            size += length
            if size <= limit:
                pieces.append(self._buffer[self._at : self._at + length])
            else:
                pieces.clear()
            self._at += length
            window = min(window * 2, _LAST_WINDOW)
        return RawItem(b"".join(pieces) if size <= limit else None, at, size)


def _dangling_escape(text: bytes) -> bytes:
    """The backslash at the end of `text` whose escaped character is yet to come, or nothing."""
    backslashes = len(text) - len(text.rstrip(b"\\"))
    return b"\\" if backslashes % 2 else b""


def _mask(text: bytes) -> bytes:
    """The text, equally long, in which every quote that is left begins or ends a string."""
    return _ESCAPE.sub(b"__", text)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a value a byte stands: how many brackets are open, and whether it is within a string."""

    depth: int
    in_string: bool


def _advance(masked: bytes, place: _Place) -> tuple[int, _Place]:
    """How many bytes of `masked` belong to the value, and where one is after them."""
    closed, after = _sum_up(masked, place)
    if not closed:
        return len(masked), after
    return _find_end(masked, place), _Place(0, in_string=False)


def _find_end(masked: bytes, place: _Place) -> int:
    """The length of the part of `masked` that ends with the bracket which closes the value."""
    start, end = 0, len(masked)
    while end - start > _FEW_BYTES:
        middle = (start + end) // 2
        closed, after = _sum_up(masked[start:middle], place)
        if closed:
            end = middle
        else:
            start, place = middle, after
    depth, in_string = place.depth, place.in_string
    for index in range(start, end):
        byte = masked[index]
        if byte == 0x22:
            in_string = not in_string
        elif not in_string and byte in b"{[":
            depth += 1
        elif not in_string and byte in b"}]":
            depth -= 1
            if depth == 0:
                return index + 1
    raise AssertionError("the end was seen to be in here")


def _sum_up(masked: bytes, place: _Place) -> tuple[bool, _Place]:
    """Whether the value ends within `masked`, and if not, where one is after it."""
    marks = masked.translate(_ONE_PAIR, _NO_STRUCTURE)
    if place.in_string:
        marks = b'"' + marks
    # Two quotes in a row leave what is inside and what is outside of strings as it was, whichever quotes they are.
    parts = marks.replace(b'""', b"").split(b'"')
    lowest, change = _balance(b"".join(parts[::2]))
    return place.depth + lowest <= 0, _Place(place.depth + change, in_string=len(parts) % 2 == 0)


def _balance(brackets: bytes) -> tuple[int, int]:
    """The lowest depth within `brackets` and the depth after them, both relative to the depth before."""
    for _ in range(24):  # each round removes the innermost pairs; real exports nest about ten deep
        shorter = brackets.replace(b"{}", b"")
        if len(shorter) == len(brackets):
            closing = brackets.count(b"}")
            return -closing, len(brackets) - 2 * closing
        brackets = shorter
    lowest = depth = 0
    for run in re.findall(rb"\{+|\}+", brackets):
        depth += len(run) if run[0] == 0x7B else -len(run)
        lowest = min(lowest, depth)
    return lowest, depth


def items_of(stream: JsonStream, list_name: str, limit: int) -> Iterator[RawItem]:
    """The items of the list that is the document, or of the list `list_name` in the object that is the document.

    An object without such a list is itself the one item. Raises ExportError when brackets, commas or the end are not
    where they should be.
    """
    if stream.take(b"["):
        yield from _list(stream, limit)
    elif stream.peek() == b"{":
        yield from _object(stream, list_name, limit)
    else:
        raise stream.broken("a list or an object")
    if stream.peek() == b"{":
        raise ExportError("unsupported-format", f"“{stream.name}” is a file of JSON lines, which is not supported yet.")
    if stream.peek():
        raise stream.broken("the end")


def _list(stream: JsonStream, limit: int) -> Iterator[RawItem]:
    if stream.take(b"]"):
        return
    while True:
        yield stream.value(limit)
        stream.learn_boundary()
        if stream.take(b"]"):
            return
        if not stream.take(b","):
            raise stream.broken("a comma or the end of the list")


def _object(stream: JsonStream, list_name: str, limit: int) -> Iterator[RawItem]:
    at = stream.offset
    wanted = f'"{list_name}"'.encode()
    members: list[bytes] = []
    size, found = 1, False
    separator: Literal[b"{", b","] = b"{"
    while stream.take(separator):
        separator = b","
        if not members and stream.peek() == b"}":
            break
        key = stream.value(limit).raw or b""
        if not stream.take(b":"):
            raise stream.broken("a colon")
        if key == wanted and stream.take(b"["):
            found = True
            yield from _list(stream, limit)
            continue
        value = stream.value(limit)
        size += len(key) + value.size + 2
        if value.raw is None or size > limit or found:
            members.clear()
        else:
            members.append(key + b":" + value.raw)
    if not stream.take(b"}"):
        raise stream.broken("a comma or the end of the object")
    if not found:
        yield RawItem(b"{" + b",".join(members) + b"}" if size <= limit else None, at, size)
