"""Chooses which files of an export are read, by looking into them."""

from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from chatsynth.features.imports.archive import Contents, Ignored, JsonFile, Meter
from chatsynth.features.imports.canonical import Platform
from chatsynth.features.imports.detect import (
    Companion,
    Detected,
    Foreign,
    Supported,
    Unclear,
    detect,
    detect_all,
)
from chatsynth.features.imports.errors import ExportError
from chatsynth.features.imports.json_items import JsonStream, RawItem, items_of
from chatsynth.features.imports.json_values import NotJson, TooDeep, parse
from chatsynth.features.imports.limits import Limits
from chatsynth.features.imports.unicode_stream import read_as_utf8

_MOST_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Sources:
    """The files to import, in order, those that hold something else of the platform, and what is ignored."""

    platform: Platform
    files: Sequence[JsonFile]
    companions: Sequence[tuple[str, JsonFile]]
    ignored: Sequence[Ignored]
    ignored_total: int


def items_in(file: JsonFile, meter: Meter, limits: Limits) -> Generator[RawItem, None, None]:
    """The items of the list in a file, or the one thing that the file is."""
    with file.reading(meter) as read:
        yield from items_of(JsonStream(read_as_utf8(read), file.name), "conversations", limits.max_conversation_bytes)


def find_sources(contents: Contents, limits: Limits) -> Sources:
    """Raises ExportError when there is no conversation of a supported platform, with what there is instead."""
    looked = [(file, _look_into(file, contents, limits)) for file in contents.files]
    supported = [(file, what.platform) for file, what in looked if isinstance(what, Supported)]
    if not supported:
        raise _nothing_found(contents, looked)
    # Whoever uploaded an export into a chat has that as an attachment in the next export, under another name.
    chosen = [pair for pair in supported if pair[0].is_usual] or supported
    files = [file for file, _ in chosen]
    numbers = set(map(id, files))
    for file, what in looked:
        if id(file) not in numbers:
            contents.ignore(file.name, _why_not(what))
    return Sources(
        platform=Counter(platform for _, platform in chosen).most_common(1)[0][0],
        files=files,
        companions=[(what.what, file) for file, what in looked if isinstance(what, Companion)],
        ignored=contents.ignored,
        ignored_total=contents.ignored_total,
    )


def _look_into(file: JsonFile, contents: Contents, limits: Limits) -> Detected | None:
    """What the file holds; None when its list is empty. One that is no JSON only matters where it should be."""
    meter = Meter(limits)
    try:
        with closing(items_in(file, meter, limits)) as items:
            found = (_detected(item, f"{file.name}, chat {place}") for place, item in enumerate(items, start=1))
            first = next(found, None)
            if first is None or isinstance(first, Supported):
                return first
            rest = (what for what in islice(found, _MOST_LOOKED_AT) if meter.bytes_read <= limits.max_detection_bytes)
            return detect_all([first, *rest])
    except ExportError:
        if file.is_usual or len(contents.files) == 1:
            raise
        return Unclear()


def _detected(item: RawItem, where: str) -> Detected:
    try:
        return detect(parse(item.raw or b"null"))
    except TooDeep:
        return Unclear()
    except NotJson as error:
        raise broken_item(item, where, error) from None


def broken_item(item: RawItem, where: str, error: NotJson) -> ExportError:
    """The error to raise for an item whose end was found but which is not JSON."""
    return ExportError("json-broken", f"{where} (from byte {item.at:,}) is not valid JSON: {error}.")


def _why_not(what: Detected | None) -> str:
    match what:
        case None:
            return "it is an empty list"
        case Supported():
            return "it looks like a copy of an export that was attached to a chat"
        case Foreign(format_name):
            return f"it is of {format_name}, which is not supported yet"
        case Companion(name):
            return f"it holds {name}, which are not imported yet"
        case Unclear():
            return "it holds no conversations"


def _nothing_found(contents: Contents, looked: Sequence[tuple[JsonFile, Detected | None]]) -> ExportError:
    foreign = next((what.format_name for _, what in looked if isinstance(what, Foreign)), None)
    if foreign:
        return ExportError(
            "unsupported-format", f"This is an export of {foreign}, which is not supported yet. ChatGPT and Claude are."
        )
    if any(what is None and (file.is_usual or len(looked) == 1) for file, what in looked):
        return ExportError("no-conversations", "There are no conversations in this export; its list is empty.")
    if contents.holds_archives:
        return ExportError(
            "nested-archive", "There are no conversations here, but another archive. Unpack this one and import that."
        )
    if any(file.name.lower().endswith((".html", ".htm")) for file in contents.ignored):
        return ExportError(
            "unsupported-format",
            "There are only web pages in this export (of Google Takeout, for instance), and no conversations as JSON.",
        )
    return ExportError(
        "unsupported-format", "There are no conversations of ChatGPT or Claude in here, or of any other known platform."
    )
