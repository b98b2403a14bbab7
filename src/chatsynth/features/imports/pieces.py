"""A piece of a conversation with what takes time to make of it, made before the transaction begins."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from chatsynth.features.imports.batches import Piece
from chatsynth.features.imports.known import Key, key_of
from chatsynth.features.imports.rows import NewRows, Payload, payload_of


@dataclass(frozen=True, slots=True)
class PreparedPiece:
    """`payloads` are those of the messages of the piece; None when they are made if they are needed."""

    piece: Piece
    payloads: Sequence[Payload] | None

    def payload(self, index: int) -> Payload:
        if self.payloads is not None:
            return self.payloads[index]
        return payload_of(self.piece.conversation.messages[self.piece.start + index])


def prepare(piece: Piece, known: Collection[Key]) -> PreparedPiece:
    """Of chats that are known already most messages are known, too."""
    if piece.is_first and key_of(piece.conversation) in known:
        return PreparedPiece(piece, None)
    return PreparedPiece(piece, [payload_of(message) for message in piece.messages])


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
    return rows.add_message(chat_id, parent_id, place, message, prepared.payload(index))
