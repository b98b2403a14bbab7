"""Takes ChatGPT's inline citation marks out of a text and tells what they stood for.

Two kinds of marks are known: `【4:1†source】` of browsing and file search, and runs of private-use characters like
U+E200 cite U+E202 turn0search0 U+E201 of newer search. What they refer to is in `metadata.content_references`,
found by the text of the mark, or in `metadata.citations`, found by its offset in the text with all marks in it.
"""

import re
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from chatsynth.features.imports.canonical import Citation
from chatsynth.features.imports.json_values import NotJson, TooDeep, parse
from chatsynth.features.imports.source_values import fields, first_name, integer, items, text, web_address
from chatsynth.features.imports.text_cleaning import clean_text, utf16_length

_MARK = re.compile(
    "\ue200(?P<run>[^\ue200\ue201]{0,4000})\ue201"
    "|\ue200(?P<open>[a-z_]*+(?:\ue202[\\w-]*+)*+)"  # a run whose end is missing
    "|[\ue200-\ue206]"
    "|【(?P<message>\\d*+)[^【】†\n]*+†[^【】\n]*+】"
    "|【oaicite:\\d++】"
    "|:contentReference\\[oaicite:\\d++\\](?:\\{index=\\d++\\})?"
)
_MOST_UNMARKED = 200  # in one message; each costs a look at the text before it

# Text without any of these, which is most of it, is not searched: Chinese and Japanese texts use 【 】 for themselves.
_SIGNS = ("\ue200", "\ue201", "\ue202", "\ue203", "\ue204", "\ue205", "\ue206", "†", "oaicite")


@dataclass(frozen=True, slots=True)
class _Page:
    title: str
    url: str
    text: str


def take_out_marks(source: str, metadata: Mapping[str, object]) -> tuple[str, Sequence[Citation]]:
    """The cleaned text without marks, and citations with their place in it, where the metadata know a title or URL."""
    if not has_marks(source) and not metadata.get("citations"):
        return clean_text(source), ()
    sources = _Sources(metadata)
    shown = _Shown(source)
    citations: list[Citation] = []
    for mark in _MARK.finditer(source):
        reference = sources.reference(mark.group())
        utf16_start = shown.replace(mark, _visible(mark, reference))
        pages = sources.cited(mark, reference, utf16_start)
        citations.extend(Citation(shown.length, page.title, page.url, page.text) for page in pages)
    known = {citation.url or citation.title for citation in citations}
    unmarked = (
        Citation(shown.place_of(end), page.title, page.url, page.text)
        for end, page in sources.by_end()
        if end <= len(source) and (page.url or page.title) not in known
    )
    return shown.text(), sorted([*citations, *islice(unmarked, _MOST_UNMARKED)], key=lambda citation: citation.at)


class _Shown:
    """A text while its marks are replaced one after the other. Places are in UTF-16 code units of what is shown."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._pieces: list[str] = []
        self._ends = [0]  # of the marks in the source, each with the place in what is shown
        self._places = [0]
        self._utf16_end = 0

    @property
    def length(self) -> int:
        return self._places[-1]

    def replace(self, mark: re.Match[str], visible: str) -> int:
        """Replaces the next mark; returns where it began in the source, in UTF-16 code units."""
        before = self._source[self._ends[-1] : mark.start()]
        piece = clean_text(before + visible)
        self._pieces.append(piece)
        self._places.append(self._places[-1] + utf16_length(piece))
        self._ends.append(mark.end())
        start = self._utf16_end + utf16_length(before)
        self._utf16_end = start + utf16_length(mark.group())
        return start

    def place_of(self, index: int) -> int:
        """Where a place of the source is in what is shown."""
        last = bisect_right(self._ends, index) - 1
        between = clean_text(self._source[self._ends[last] : index])
        following = self._places[last + 1] if last + 1 < len(self._places) else None
        place = self._places[last] + utf16_length(between)
        return place if following is None else min(place, following)

    def text(self) -> str:
        return "".join(self._pieces) + clean_text(self._source[self._ends[-1] :])


def has_marks(source: str) -> bool:
    """Whether there may be marks in a text."""
    if source.isascii():
        return "oaicite" in source
    for sign in _SIGNS:  # noqa: SIM110 a generator would double the cost of most messages
        if sign in source:
            return True
    return False


def _visible(mark: re.Match[str], reference: Mapping[str, object]) -> str:
    """The words within a mark that belong to the sentence: the name of a thing, the title of a link."""
    kind, *segments = _segments(mark)
    match kind, segments:
        case "entity", [thing, *_]:
            return _name_of_entity(thing)
        case "url" | "link_title", [title, *_]:
            return title
        case _:
            return "" if any(_pages_of(reference)) else text(reference.get("alt"))


def _segments(mark: re.Match[str]) -> Sequence[str]:
    return (mark["run"] or mark["open"] or "").split("\ue202")


def _name_of_entity(thing: str) -> str:
    """An entity is written as a JSON list of its kind, its name and a description."""
    try:
        words = items(parse(thing.encode("utf-8", "replace")))
    except (NotJson, TooDeep):
        return ""
    return text(words[1]) if len(words) > 1 else ""


class _Sources:
    """What the marks of one message refer to."""

    def __init__(self, metadata: Mapping[str, object]) -> None:
        self._references: defaultdict[str, deque[Mapping[str, object]]] = defaultdict(deque)
        for reference in map(fields, items(metadata.get("content_references"))):
            matched = reference.get("matched_text")
            if isinstance(matched, str):
                self._references[matched].append(reference)
        self._by_place: dict[int, Mapping[str, object]] = {}
        self._by_message: dict[str, Mapping[str, object]] = {}
        for citation in map(fields, items(metadata.get("citations"))):
            page = fields(citation.get("metadata"))
            self._by_place.setdefault(integer(citation.get("start_ix")) or 0, page)
            self._by_message.setdefault(str(fields(page.get("extra")).get("cited_message_idx")), page)
        self._citations = metadata.get("citations")
        self._by_name = {
            _name_of_result(result): result
            for group in items(metadata.get("search_result_groups"))
            for result in map(fields, items(fields(group).get("entries")))
        }

    def reference(self, mark: str) -> Mapping[str, object]:
        """The reference for the text of a mark. One that stands there several times may have one for each time."""
        references = self._references.get(mark)
        if not references:
            return {}
        return references.popleft() if len(references) > 1 else references[0]

    def cited(self, mark: re.Match[str], reference: Mapping[str, object], utf16_start: int) -> Sequence[_Page]:
        """The pages that a mark stands for, each once: by its text, else by its place, its number or its names."""
        for candidates in (
            [reference],
            [self._by_place.get(mark.start(), {})],
            [self._by_place.get(utf16_start, {})],
            [self._by_message.get(mark["message"] or "", {})],
            [self._by_name.get(word, {}) for word in _segments(mark)[1:]],
        ):
            if pages := dict.fromkeys(page for candidate in candidates for page in _pages_of(candidate)):
                return list(pages)
        return ()

    def by_end(self) -> Iterator[tuple[int, _Page]]:
        """The pages of citations with the place where the passage ends that they back."""
        for citation in map(fields, items(self._citations)):
            end = integer(citation.get("end_ix"))
            if end is not None:
                yield from ((end, page) for page in _pages_of(fields(citation.get("metadata"))))


def _name_of_result(result: Mapping[str, object]) -> str:
    """turn0search3 for result 3 of the search in turn 0."""
    reference = fields(result.get("ref_id"))
    return "turn{}{}{}".format(*(reference.get(key) for key in ("turn_index", "ref_type", "ref_index")))


def _pages_of(reference: Mapping[str, object]) -> Iterator[_Page]:
    """The pages that a reference names: a list of them, each with those that support it, or the reference itself."""
    listed = [*items(reference.get("items")), *items(reference.get("sources"))]
    for listed_page in map(fields, listed or [reference]):
        yield from _page(listed_page)
        for supporting in map(fields, items(listed_page.get("supporting_websites"))):
            yield from _page(supporting)


def _page(source: Mapping[str, object]) -> Iterator[_Page]:
    url = web_address(source.get("url"))
    title = first_name(source.get("title"), source.get("name"), source.get("attribution"), url)
    if title:
        yield _Page(title, url, text(source.get("snippet")) or text(source.get("text")))
