"""The stream under websockets' parser, which sees that a text is no UTF-8 while it is still coming in."""

import codecs
from collections.abc import Generator

from websockets.streams import StreamReader
from websockets.utils import apply_mask

FIN, RESERVED_BITS, OPCODE, LENGTH = 0x80, 0x70, 0x0F, 0x7F
CONTINUATION, TEXT = 0, 1
LONG_LENGTHS = (126, 127)
_Reading = Generator[None, None, bytes | bytearray]


class EarlyReader(StreamReader):
    """The parser reads each frame in steps: head, perhaps a long length, mask, payload; this follows them.

    Raises UnicodeDecodeError, which the parser takes as the violation 1007.
    """

    def __init__(self) -> None:
        super().__init__()
        self._decoder: codecs.IncrementalDecoder | None = None
        """Of the text that has begun; None in a binary message and between messages."""
        self._until_payload = 0
        self._is_final = False
        self._checks = False

    def read_exact(self, n: int) -> _Reading:  # type: ignore[override]
        if self._until_payload == 0:
            head = yield from super().read_exact(n)
            self._frame_begins(head[0], head[1] & LENGTH)
            return head
        self._until_payload -= 1
        if self._until_payload == 0 and self._checks:
            return (yield from self._read_text(n))
        content = yield from super().read_exact(n)
        self._mask = bytes(content)
        return content

    def _frame_begins(self, head: int, length: int) -> None:
        opcode = head & OPCODE
        self._until_payload = 3 if length in LONG_LENGTHS else 2
        self._is_final = bool(head & FIN)
        if opcode == TEXT:
            self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._checks = self._decoder is not None and opcode in (CONTINUATION, TEXT) and not head & RESERVED_BITS

    def _read_text(self, n: int) -> _Reading:
        assert self._decoder is not None
        checked = 0
        while True:
            there = min(len(self.buffer), n)
            turned = self._mask[checked % 4 :] + self._mask[: checked % 4]
            is_whole = there == n
            self._decoder.decode(apply_mask(self.buffer[checked:there], turned), final=is_whole and self._is_final)
            checked = there
            if is_whole:
                break
            yield
        if self._is_final:
            self._decoder = None
        return (yield from super().read_exact(n))
