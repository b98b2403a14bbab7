"""Characters that stand in a text once: whose word is lost, doubled or back again shows by them alone."""

from collections.abc import Iterator
from itertools import chain

HANGUL = range(0xAC00, 0xD7A4)
"""One UTF-16 code unit each."""
IDEOGRAPHS = range(0x20000, 0x2A6E0)
"""Two code units each, as emoji have."""
MARKED_AT_MOST = 40


class Marks:
    """Gives out each mark once."""

    def __init__(self) -> None:
        self._left: Iterator[int] = chain.from_iterable(zip(HANGUL, IDEOGRAPHS, strict=False))

    def put_into(self, text: str) -> str:
        """Behind every second character; a long text has most of its marks at its beginning."""
        marked = [
            each + chr(next(self._left)) if at % 2 == 0 else each for at, each in enumerate(text[:MARKED_AT_MOST])
        ]
        rest = text[MARKED_AT_MOST:]
        return "".join(marked) + (rest + chr(next(self._left)) if rest else "")


def marks_in(text: str) -> list[str]:
    """In their order."""
    return [each for each in text if ord(each) in HANGUL or ord(each) in IDEOGRAPHS]
