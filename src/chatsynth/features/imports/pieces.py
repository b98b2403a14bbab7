"""A piece of a conversation with what takes time to make of it, made before the transaction begins."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from chatsynth.features.imports.batches import Piece
from chatsynth.features.imports.known import Key, key_of
from chatsynth.features.imports.rows import NewRows, compress, parts_json


@dataclass(frozen=True, slots=True)
class PreparedPiece:
    """`parts` are the JSON of those of each message, `source` is the compressed JSON of the conversation; both are
    None when they are made if they are needed."""

    piece: Piece
    parts: Sequence[str | None] | None
    source: bytes | None

    def parts_of(self, index: int) -> str | None:
        if self.parts is not None:
            return self.parts[index]
        return parts_json(self.piece.conversation.messages[self.piece.start + index].parts)

    def compressed_source(self) -> bytes:
        return compress(self.piece.conversation.raw) if self.source is None else self.source


def prepare(piece: Piece, known: Collection[Key]) -> PreparedPiece:
    """Of chats that are known already most messages are known, too."""
    if piece.is_first and key_of(piece.conversation) in known:
        return PreparedPiece(piece, None, None)
    source = compress(piece.conversation.raw) if piece.is_first else None
    return PreparedPiece(piece, [parts_json(message.parts) for message in piece.messages], source)


def source_ids_of(piece: Piece) -> set[str]:
    """Of the messages of the piece and of their parents."""
    ids = {message.source_id for message in piece.messages}
    return ids | {message.parent for message in piece.messages if message.parent is not None}


def add_message(rows: NewRows, prepared: PreparedPiece, index: int, chat_id: int, known_ids: Mapping[str, int]) -> int:
    """Adds a message of the piece, which gets the number that is returned. Without its parent it becomes a root."""
    piece = prepared.piece
    message = piece.conversation.messages[piece.start + index]
    parent_id = None if message.parent is None else known_ids.get(message.parent)
    place = piece.places[piece.start + index]
    return rows.add_message(chat_id, parent_id, place, message, prepared.parts_of(index))
