"""A text that is no UTF-8 is seen at its first wrong byte; everything else is read as if nobody looked."""

import itertools
from collections.abc import Generator, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from chatsynth.web.early_reader import EarlyReader

KINDS = st.sampled_from([Opcode.BINARY, Opcode.TEXT])


def read(stream: bytes, cuts: list[int]) -> Iterator[Frame]:
    """The frames in a stream that comes in pieces."""
    reader = EarlyReader()
    ends = sorted({min(cut, len(stream)) for cut in cuts} | {len(stream)})
    parser = _frame(reader)
    for start, end in itertools.pairwise([0, *ends]):
        reader.feed_data(stream[start:end])
        while True:
            try:
                next(parser)
                break
            except StopIteration as done:
                yield done.value
                parser = _frame(reader)
                if not reader.buffer:
                    break


def _frame(reader: EarlyReader) -> Generator[None, None, Frame]:
    return Frame.parse(reader.read_exact, mask=True)


def sent(opcode: Opcode, parts: list[bytes]) -> list[Frame]:
    opcodes = [opcode, *[Opcode.CONT] * (len(parts) - 1)]
    return [
        Frame(each, part, fin=number == len(parts))
        for number, (each, part) in enumerate(zip(opcodes, parts, strict=True), 1)
    ]


def pieces(whole: bytes, cuts: list[int]) -> list[bytes]:
    ends = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    return [whole[start:end] for start, end in itertools.pairwise(ends)]


@given(st.text(max_size=300), KINDS, st.lists(st.integers(0, 900), max_size=5), st.lists(st.integers(0, 2000)))
def test_good_frames_come_through_however_they_are_cut(
    text: str, kind: Opcode, fragments: list[int], cuts: list[int]
) -> None:
    frames = [*sent(kind, pieces(text.encode(), fragments)), Frame(Opcode.PING, b"\xff"), Frame(Opcode.BINARY, b"\xff")]
    stream = b"".join(frame.serialize(mask=True) for frame in frames)
    assert [(each.opcode, bytes(each.data), each.fin) for each in read(stream, cuts)] == [
        (each.opcode, bytes(each.data), each.fin) for each in frames
    ]


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=4), st.lists(st.integers(0, 900)))
def test_any_bytes_are_let_through_as_text_if_they_are_utf8(
    content: bytes, fragments: list[int], cuts: list[int]
) -> None:
    stream = b"".join(frame.serialize(mask=True) for frame in sent(Opcode.TEXT, pieces(content, fragments)))
    try:
        content.decode()
    except UnicodeDecodeError:
        with pytest.raises(UnicodeDecodeError):
            list(read(stream, cuts))
    else:
        assert b"".join(bytes(frame.data) for frame in read(stream, cuts)) == content


def test_the_rest_of_a_broken_text_is_not_waited_for() -> None:
    head = Frame(Opcode.TEXT, b"\xce\xba\xff" + b"x" * 100_000).serialize(mask=True)[: 14 + 3]
    with pytest.raises(UnicodeDecodeError):
        list(read(head, [5, 15, 16]))
