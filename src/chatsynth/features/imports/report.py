"""Counting what an import finds and does, so that it adds up, and saying it in a sentence."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from chatsynth.features.imports.canonical import Platform
from chatsynth.features.imports.reader import Skipped
from chatsynth.features.imports.wire import Counts, ImportState, Report, Skip

MOST_EXAMPLES = 5
MOST_KINDS = 100
LONGEST_NAME = 120
OTHER_KINDS = "other kinds"
PLATFORM_NAMES = {"chatgpt": "ChatGPT", "claude": "Claude"}
Verdict = Literal["imported", "updated", "unchanged"]

TOO_LONG = "The message has become longer than a message here can be, so it stays as it was."
NO_CHATS = "There are no chats in this file."
NOTHING_IMPORTED = "None of the chats in this file could be imported; the report says why."


@dataclass(slots=True)
class Outcome:
    """What became of a piece of a conversation. `verdict` is None as long as the conversation goes on."""

    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    too_long: int = 0
    kept_edits: int = 0
    kept_removals: int = 0
    kept_in_trash: bool = False
    platform: Platform | None = None
    without_id: bool = False
    verdict: Verdict | None = None
    unknown: Mapping[str, int] = field(default_factory=dict)


class Tally:
    """Goes on from the report of what was counted before."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._conversations = Counter(report.conversations.model_dump())
        self._messages = Counter(report.messages.model_dump())
        self._skips = {skip.reason: skip for skip in report.skips}
        self._unknown = Counter(report.unknown_content)
        self._platforms = Counter(report.platforms)
        self._kept = Counter(edits=report.kept_edits, removals=report.kept_removals, in_trash=report.kept_in_trash)
        self._without_id = report.without_id

    def add(self, outcome: Outcome) -> None:
        counts = {"imported": outcome.imported, "updated": outcome.updated, "unchanged": outcome.unchanged}
        self._messages.update(counts | {"found": sum(counts.values())})
        self._kept.update(edits=outcome.kept_edits, removals=outcome.kept_removals, in_trash=outcome.kept_in_trash)
        if outcome.too_long:
            self._add_skip("message-too-long", TOO_LONG, conversations=0, messages=outcome.too_long)
        if outcome.verdict is not None:
            self._conversations.update(("found", outcome.verdict))
            self._platforms[outcome.platform or ""] += 1
            self._without_id += outcome.without_id
        for kind, count in outcome.unknown.items():
            self._unknown[self._kind(kind)] += count

    def _kind(self, kind: str) -> str:
        name = kind[:LONGEST_NAME]
        return name if name in self._unknown or len(self._unknown) < MOST_KINDS else OTHER_KINDS

    def skip(self, skipped: Skipped) -> None:
        title = f"“{skipped.title[:LONGEST_NAME]}” " if skipped.title else ""
        self._add_skip(
            skipped.reason_code,
            skipped.reason_sentence,
            conversations=1,
            messages=skipped.message_count or 0,
            example=f"{title}({skipped.where[: 2 * LONGEST_NAME]})",
        )

    def skip_rest(self, reason: str, sentence: str, *, conversations_total: int, messages_total: int) -> None:
        """What an export holds beyond what was counted so far was not imported."""
        conversations = max(conversations_total - self._conversations["found"], 0)
        messages = max(messages_total - self._messages["found"], 0)
        if conversations or messages:
            self._add_skip(reason, sentence, conversations=conversations, messages=messages)

    def _add_skip(
        self, reason: str, sentence: str, *, conversations: int, messages: int, example: str | None = None
    ) -> None:
        known = self._skips.get(reason, Skip(reason=reason, sentence=sentence, count=0, examples=()))
        examples = known.examples if example is None else (*known.examples, example)[:MOST_EXAMPLES]
        counts = {"count": known.count + conversations, "messages": known.messages + messages, "examples": examples}
        self._skips[reason] = known.model_copy(update=counts)
        self._conversations.update(found=conversations, skipped=conversations)
        self._messages.update(found=messages, skipped=messages)

    def report(self) -> Report:
        changed = {
            "conversations": Counts(**self._conversations),
            "messages": Counts(**self._messages),
            "skips": tuple(self._skips.values()),
            "unknown_content": dict(self._unknown),
            "kept_edits": self._kept["edits"],
            "kept_removals": self._kept["removals"],
            "kept_in_trash": self._kept["in_trash"],
            "platforms": dict(self._platforms),
            "without_id": self._without_id,
        }
        return self._report.model_copy(update=changed)


def why_empty(report: Report) -> str | None:
    """An import that brought nothing is a failure: the sentence that says so."""
    chats = report.conversations
    if chats.found == 0:
        return NO_CHATS
    return NOTHING_IMPORTED if chats.skipped == chats.found else None


# In words ---------------------------------------------------------------------------------------


def count_of(number: int, noun: str) -> str:
    """ "1 chat", "2,000 chats"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def times(number: int) -> str:
    """ "once", "2 times"."""
    return "once" if number == 1 else f"{number:,} times"


def notes_of(report: Report) -> tuple[str, ...]:
    """What the counts do not say."""
    return tuple(_notes(report))


def _notes(report: Report) -> Iterator[str]:
    if report.kept_edits:
        messages = count_of(report.kept_edits, "message")
        yield f"{messages} {_is(report.kept_edits)} different in the file but edited here, and stayed as edited."
    if report.kept_removals:
        yield f"{count_of(report.kept_removals, 'message')} of the file had been removed here and stayed removed."
    if report.kept_in_trash:
        chats = count_of(report.kept_in_trash, "chat")
        yield f"{chats} of the file {_is(report.kept_in_trash)} in the trash here and stayed there, unchanged."
    if report.without_id:
        yield (
            f"{count_of(report.without_id, 'chat')} had no id in the file. Such a chat is recognised while it says the "
            "same; one that has grown since is a second chat here."
        )
    for what, count in sorted(report.not_imported.items()):
        yield f"Not imported: {what} ({count:,})."


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def names_of(platforms: Iterable[str]) -> str:
    """ "ChatGPT", "ChatGPT and Claude"."""
    return " and ".join(sorted(PLATFORM_NAMES.get(platform, platform) for platform in platforms))


def sentence_of(filename: str, state: ImportState, report: Report) -> str:
    """How an import ended, for a notification."""
    chats, messages = report.conversations, report.messages
    platforms = names_of(report.platforms or filter(None, [report.platform]))
    done = (
        f"{count_of(chats.imported, 'chat')}{f' from {platforms}' if platforms else ''} imported"
        f" with {count_of(messages.imported, 'message')}, {chats.updated:,} updated,"
        f" {chats.unchanged:,} unchanged, {chats.skipped:,} skipped."
    )
    match state:
        case "done":
            return f"The import of “{filename}” has finished: {done}"
        case "cancelled":
            return f"The import of “{filename}” was cancelled: {done}"
        case _:
            return f"The import of “{filename}” has failed: {report.error or done}"
