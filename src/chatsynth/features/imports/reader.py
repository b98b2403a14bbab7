"""Reads an export from its file to conversations, one at a time: what the import job and the command line use.

`check_export` goes through the whole file and keeps nothing, so that a broken one is found before anything is
written; `open_export` then gives the conversations.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal, Protocol

from chatsynth.features.imports import chatgpt, claude
from chatsynth.features.imports.archive import Ignored, Meter, open_contents
from chatsynth.features.imports.canonical import Conversation, Platform
from chatsynth.features.imports.detect import Companion, Foreign, Supported, Unclear, detect
from chatsynth.features.imports.errors import ExportError
from chatsynth.features.imports.json_items import RawItem
from chatsynth.features.imports.json_values import NotJson, TooDeep, parse
from chatsynth.features.imports.limits import Limits
from chatsynth.features.imports.message_body import Overgrown
from chatsynth.features.imports.source_values import fields, first_name
from chatsynth.features.imports.sources import Sources, broken_item, find_sources, items_in

Occurrence = Literal["first", "newer", "older"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A conversation to import.

    An export may hold one conversation several times, for instance when two exports are put into one folder. Where
    they differ, both are given, to be joined by the ids of their messages: of a "newer" one everything counts, of an
    "older" one only messages that are missing so far.
    """

    conversation: Conversation
    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is not imported. `message_count` is None when it could not be read far enough to tell."""

    reason_code: str
    reason_sentence: str
    where: str
    title: str | None
    message_count: int | None


Found = Parsed | Skipped


@dataclass(frozen=True, slots=True)
class Summary:
    """What an export holds. Both counts are those of `Export.conversations`, skipped ones included.

    `not_imported` counts other things by their names, such as projects; `ignored_files` names at most 1,000.
    """

    platform: Platform
    conversations_found: int
    messages_found: int
    bytes_total: int
    ignored_files: Sequence[Ignored]
    ignored_files_total: int
    not_imported: Mapping[str, int]


class Export:
    """An open export. `position` of `bytes_total` bytes of JSON are read; the total is what the archive claims."""

    def __init__(self, sources: Sources, limits: Limits, when_closed: ExitStack) -> None:
        self._sources = sources
        self._limits = limits
        self._when_closed = when_closed
        self._meter = Meter(limits)
        self.platform: Platform = sources.platform
        self.bytes_total = max(sum(file.size for file in sources.files), 1)

    @property
    def position(self) -> int:
        return min(self._meter.bytes_read, self.bytes_total)

    @property
    def ignored_files(self) -> Sequence[Ignored]:
        return self._sources.ignored

    def conversations(self) -> Iterator[Found]:
        """Every conversation, one held at a time, always in the same order. Raises ExportError where a file breaks."""
        found = self._all_found()
        self._when_closed.callback(found.close)
        return found

    def summary(self, on_progress: Callable[[int, int], None]) -> Summary:
        """Reads everything once, keeping nothing, and reports (position, bytes_total) after each conversation."""
        conversations = messages = 0
        with closing(self._items()) as items:
            for where, item in items:
                conversations += 1
                messages += _count_messages(item, where, self._limits)
                on_progress(self.position, self.bytes_total)
        return Summary(
            platform=self.platform,
            conversations_found=conversations,
            messages_found=messages,
            bytes_total=self.bytes_total,
            ignored_files=self._sources.ignored,
            ignored_files_total=self._sources.ignored_total,
            not_imported=self._count_companions(),
        )

    def _all_found(self) -> Generator[Found, None, None]:
        seen = _Seen()
        with closing(self._items()) as items:
            for where, item in items:
                yield _found(item, where, self._limits, seen)

    def _items(self) -> Generator[tuple[str, RawItem], None, None]:
        self._meter = Meter(self._limits)
        count = 0
        for file in self._sources.files:
            with closing(items_in(file, self._meter, self._limits)) as items:
                for place, item in enumerate(items, start=1):
                    count += 1
                    if count > self._limits.max_conversations:
                        raise ExportError(
                            "too-many-conversations", f"There are more than {count - 1:,} conversations in this export."
                        )
                    yield f"{file.name}, chat {place}", item

    def _count_companions(self) -> Mapping[str, int]:
        meter = Meter(self._limits)
        counts: Counter[str] = Counter()
        for what, file in self._sources.companions:
            counts[what] += sum(1 for _ in items_in(file, meter, self._limits))
        return counts


@contextmanager
def open_export(path: Path, limits: Limits) -> Iterator[Export]:
    """The export at `path`: a zip, a JSON file or a folder of them. Raises ExportError when it is none."""
    with open_contents(path, limits) as contents, ExitStack() as when_closed:
        yield Export(find_sources(contents, limits), limits, when_closed)


def check_export(
    path: Path, limits: Limits, on_progress: Callable[[int, int], None] = lambda _position, _total: None
) -> Summary:
    """What is in the export at `path`, after reading all of it. Raises ExportError when any of it is broken.

    `on_progress` is called with (bytes read, bytes in all); what it raises ends the check.
    """
    with open_export(path, limits) as export:
        return export.summary(on_progress)


# One item ---------------------------------------------------------------------------------------


class _Parser(Protocol):
    """What each platform's module offers."""

    def count_messages(self, source: Mapping[str, object]) -> int: ...

    def read_conversation(self, source: Mapping[str, object], raw: bytes) -> Conversation: ...


_PARSERS: Mapping[Platform, _Parser] = {"chatgpt": chatgpt, "claude": claude}


class _LeftOut(Exception):
    """Why an item is skipped."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


_TOO_DEEP = _LeftOut("too-deep", "It is nested too deep to be a chat.")


def _value(item: RawItem, where: str, limits: Limits) -> object:
    """The parsed item. Raises _LeftOut when it is too much to parse, ExportError when it is not JSON."""
    raw = item.raw
    if raw is None:
        raise _LeftOut("too-large", f"It is larger than {limits.max_conversation_bytes:,} bytes.")
    most = limits.max_conversation_values
    if len(raw) > most and sum(map(raw.count, (b",", b"[", b"{"))) > most:
        raise _LeftOut("too-large", f"It holds more than {most:,} values.")
    if item.parsed is not None:
        return item.parsed[0]
    try:
        return parse(raw)
    except TooDeep:
        raise _TOO_DEEP from None
    except NotJson as error:
        raise broken_item(item, where, error) from None


def _count_messages(item: RawItem, where: str, limits: Limits) -> int:
    try:
        value = _value(item, where, limits)
    except _LeftOut:
        return 0
    detected = detect(value)
    return _PARSERS[detected.platform].count_messages(fields(value)) if isinstance(detected, Supported) else 0


def _found(item: RawItem, where: str, limits: Limits, seen: "_Seen") -> Found:
    value: object = None
    count: int | None = None
    try:
        value = _value(item, where, limits)
        parser = _parser_for(value)
        count = parser.count_messages(fields(value))
        conversation = _read(parser, fields(value), count, item.raw or b"", limits)
        return Parsed(conversation, seen.occurrence(conversation))
    except _LeftOut as left_out:
        title = first_name(fields(value).get("title"), fields(value).get("name")) or None
        return Skipped(left_out.code, left_out.sentence, where, title, count)


def _parser_for(value: object) -> _Parser:
    match detect(value):
        case Supported(platform):
            return _PARSERS[platform]
        case Foreign(format_name):
            raise _LeftOut("unsupported-format", f"It is a chat of {format_name}, which is not supported yet.")
        case Companion(what):
            raise _LeftOut("not-a-conversation", f"It is not a chat but belongs to {what}.")
        case Unclear():
            raise _LeftOut("not-a-conversation", "It is not a chat.")


def _read(parser: _Parser, source: Mapping[str, object], count: int, raw: bytes, limits: Limits) -> Conversation:
    if "mapping" not in source and "chat_messages" not in source:
        raise _LeftOut("no-messages", "The export lists it without its messages, as for an entry of a project.")
    if count == 0:
        raise _LeftOut("empty", "It has no messages.")
    if count > limits.max_messages:
        raise _LeftOut("too-many-messages", f"It has more than {limits.max_messages:,} messages.")
    try:
        return parser.read_conversation(source, raw)
    except RecursionError:
        raise _TOO_DEEP from None
    except Overgrown:
        raise _LeftOut("too-large", "Its documents and citations repeat far more text than the export has.") from None


class _Seen:
    """The conversations given so far, by what they hold."""

    def __init__(self) -> None:
        self._known: dict[tuple[Platform, str], tuple[bytes, int]] = {}

    def occurrence(self, conversation: Conversation) -> Occurrence:
        """Raises _LeftOut when the very same conversation was there before."""
        key = conversation.platform, conversation.source_id
        digest, updated_at = _digest(conversation), conversation.updated_at or 0
        known = self._known.get(key)
        if known is None:
            self._known[key] = digest, updated_at
            return "first"
        if known[0] == digest:
            raise _LeftOut("duplicate", "The same chat is in this export a second time.")
        if updated_at < known[1]:
            return "older"
        self._known[key] = digest, updated_at
        return "newer"


def _digest(conversation: Conversation) -> bytes:
    digest = blake2b(
        repr((conversation.title, conversation.archived, conversation.active_leaf)).encode(), digest_size=16
    )
    for message in conversation.messages:
        digest.update(f"{message.source_id}\0{message.parent}\0{message.content_hash}\0".encode())
    return digest.digest()
