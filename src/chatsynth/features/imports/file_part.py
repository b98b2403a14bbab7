"""Takes the file out of a `multipart/form-data` body (RFC 7578) while the body arrives. No input or output here."""

import logging

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from chatsynth.realtime.errors import ErrorCode, Refused

logging.getLogger("python_multipart").addHandler(logging.NullHandler())  # who sends nonsense gets an answer, no log

FIELD = b"file"
NO_FORM = "Please send the file as the field “file” of a form (multipart/form-data)."
NO_FILE = "There is no field “file” with a file in this form."
TWO_FILES = "There are several files in this form; please send one at a time."
BROKEN = "The upload is broken or was cut off. Please send the file again."
MOST_HEADER_BYTES = 16_384


class FilePart:
    """Fed with the body, it gives the bytes of the file. Raises Refused for a body that is not as it should be."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise Refused(ErrorCode.INVALID, NO_FORM)
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._data,
                "on_end": self._end,
            },
        )
        self._name, self._value = b"", b""
        self._is_file = False
        self._is_whole = False
        self._bytes: list[bytes] = []
        self.filename: str | None = None
        """What the sender calls the file, once that has come."""

    def feed(self, body: bytes) -> bytes:
        try:
            self._parser.write(body)
        except FormParserError as broken:
            raise Refused(ErrorCode.INVALID, BROKEN) from broken
        arrived, self._bytes = b"".join(self._bytes), []
        return arrived

    def end(self) -> None:
        """The body has ended here."""
        if not self._is_whole:
            raise Refused(ErrorCode.INVALID, BROKEN)
        if self.filename is None:
            raise Refused(ErrorCode.INVALID, NO_FILE)

    # Called by the parser

    def _begin_part(self) -> None:
        self._name, self._value, self._is_file = b"", b"", False

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]
        self._limit_header()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._limit_header()

    def _limit_header(self) -> None:
        if len(self._name) + len(self._value) > MOST_HEADER_BYTES:
            raise Refused(ErrorCode.INVALID, BROKEN)

    def _end_header(self) -> None:
        if self._name.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            filename = options.get(b"filename")
            if options.get(b"name") == FIELD and filename is not None:
                self._begin_file(filename)
        self._name, self._value = b"", b""

    def _begin_file(self, filename: bytes) -> None:
        if self.filename is not None:
            raise Refused(ErrorCode.INVALID, TWO_FILES)
        self.filename = filename.decode("utf-8", "replace")
        self._is_file = True

    def _end_headers(self) -> None:
        self._name, self._value = b"", b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._bytes.append(data[start:end])

    def _end(self) -> None:
        self._is_whole = True
