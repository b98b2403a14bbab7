"""How many values a JSON text has, found without reading them: one of 4 MB may have two million, which take as long to
make as a hundred thousand keystrokes of other people."""

_BEGINNINGS = b",:[{"
"""Before each value and each name but the first there is one of these."""
_DIGITS = b"0123456789"
DIGITS_OF_ONE = 16
"""A number of 4,000 digits takes as long to make as hundreds of short ones."""
AT_ONCE_BYTES = 64 * 1024


class JsonCount:
    """Of a text that may come in parts. Never fewer than a reader makes before it comes to a mistake; what stands in
    strings does not count. All digits together count as well, one for each sixteen."""

    def __init__(self) -> None:
        self._beginnings = self._digits = 0
        self._in_string = False
        self._held_back = b""

    @property
    def values(self) -> int:
        return 1 + self._beginnings + self._digits // DIGITS_OF_ONE

    def feed(self, part: bytes) -> None:
        part = self._whole_escapes(self._held_back + part)
        pieces = part.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
        outside = b"".join(pieces[int(self._in_string) :: 2])
        self._in_string ^= len(pieces) % 2 == 0
        self._beginnings += _count_of(_BEGINNINGS, outside)
        self._digits += _count_of(_DIGITS, outside)

    def _whole_escapes(self, part: bytes) -> bytes:
        """What the last character says may be for the next part to tell."""
        slashes = len(part) - len(part.rstrip(b"\\"))
        self._held_back = b"\\" if slashes % 2 else b""
        return part[:-1] if slashes % 2 else part


def values_in(text: bytes, most: int) -> int:
    """What is found fast if it cannot be more than `most`: at least as many. Otherwise exactly how many, or, once they
    are more than `most`, how many there were until then."""
    at_most = 1 + _count_of(_BEGINNINGS, text) + _count_of(_DIGITS, text) // DIGITS_OF_ONE
    if at_most <= most:
        return at_most
    count = JsonCount()
    for start in range(0, len(text), AT_ONCE_BYTES):
        count.feed(text[start : start + AT_ONCE_BYTES])
        if count.values > most:
            break
    return count.values


def _count_of(which: bytes, text: bytes) -> int:
    return len(text) - len(text.translate(None, which))
