"""Cuts an export into batches, each small enough to be one short transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from chatsynth.features.imports.canonical import Conversation, Message
from chatsynth.features.imports.reader import Found, Occurrence, Parsed, Skipped

MESSAGE_COST = 500
"""What a message costs besides its text, in characters of text."""
CHAT_COST = 3000
SOURCE_SHARE = 10
"""How many characters of JSON, which is compressed, cost as much as one of text."""
MOST_SKIPPED = 1000


@dataclass(frozen=True, slots=True)
class Piece:
    """Messages `start` to `stop` of a conversation. `places` says where each message stands among its siblings.

    `shown` has the messages of the branch to show; a conversation in one piece has no need of it.
    """

    conversation: Conversation
    occurrence: Occurrence
    places: Sequence[int]
    shown: frozenset[str]
    start: int
    stop: int

    @property
    def messages(self) -> Sequence[Message]:
        return self.conversation.messages[self.start : self.stop]

    @property
    def is_first(self) -> bool:
        return self.start == 0

    @property
    def is_last(self) -> bool:
        return self.stop == len(self.conversation.messages)


@dataclass(slots=True)
class Batch:
    """`position` of the export is read; `items` conversations, left out ones included, are complete with it."""

    pieces: list[Piece] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    cost: int = 0
    items: int = 0
    position: int = 0


def batches(
    found: Iterable[Found], position: Callable[[], int], most_cost: Callable[[], int], begin_at: int = 0
) -> Iterator[Batch]:
    """`begin_at`: how many messages of the first conversation are imported already."""
    batch = Batch()
    for item in found:
        if not _fits(batch, item):
            yield batch
            batch = Batch()
        match item:
            case Skipped():
                batch.skipped.append(item)
            case Parsed():
                for piece, cost in _pieces(item, begin_at, most_cost):
                    if batch.pieces and batch.cost + cost > most_cost():
                        yield batch
                        batch = Batch()
                    batch.pieces.append(piece)
                    batch.cost += cost
                    batch.position = position()
                    if not piece.is_last:  # the next piece finds the rows of this one
                        yield batch
                        batch = Batch()
        begin_at = 0
        batch.items += 1
        batch.position = position()
    if batch.items:
        yield batch


def _fits(batch: Batch, item: Found) -> bool:
    """Occurrences of one conversation are in different batches, so that the later finds the rows of the earlier."""
    if isinstance(item, Skipped):
        return len(batch.skipped) < MOST_SKIPPED
    return item.occurrence == "first" or not batch.pieces


def _pieces(item: Parsed, begin_at: int, most_cost: Callable[[], int]) -> Iterator[tuple[Piece, int]]:
    conversation = item.conversation
    places, shown = _places(conversation.messages), frozenset[str]()
    start, cost, limit = begin_at, CHAT_COST + len(conversation.raw) // SOURCE_SHARE, most_cost()
    for stop in range(begin_at, len(conversation.messages)):
        of_message = _cost(conversation.messages[stop])
        if stop > start and cost + of_message > limit:
            shown = shown or _branch(conversation)
            yield Piece(conversation, item.occurrence, places, shown, start, stop), cost
            start, cost, limit = stop, 0, most_cost()
        cost += of_message
    if begin_at:
        shown = shown or _branch(conversation)
    yield Piece(conversation, item.occurrence, places, shown, start, len(conversation.messages)), cost


def _cost(message: Message) -> int:
    return MESSAGE_COST + len(message.text) + sum(len(getattr(part, "text", None) or "") for part in message.parts)


def _places(messages: Sequence[Message]) -> Sequence[int]:
    seen: dict[str | None, int] = {}
    places: list[int] = []
    for message in messages:
        place = seen.get(message.parent, 0)
        places.append(place)
        seen[message.parent] = place + 1
    return places


def _branch(conversation: Conversation) -> frozenset[str]:
    parents = {message.source_id: message.parent for message in conversation.messages}
    branch: set[str] = set()
    at = conversation.active_leaf
    while at is not None and at not in branch:
        branch.add(at)
        at = parents.get(at)
    return frozenset(branch)
