"""The id of a conversation that has none."""

import hashlib
import re
from collections.abc import Sequence

from chatsynth.features.imports.canonical import Message

_OF_CONTENT = "content:"
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def id_of_unnamed(title: str, created_at: int | None, messages: Sequence[Message], raw: bytes) -> str:
    """The same whenever the same conversation comes again, and never that of another one.

    The first message's id, if it is unique in the world, so that a conversation that has grown is known again.
    Otherwise (`node-1`, or none) everything that the conversation says. One that says nothing goes by its JSON.
    """
    if not messages:
        return f"{_OF_CONTENT}{hashlib.blake2b(raw, digest_size=16).hexdigest()}"
    if UUID.fullmatch(messages[0].source_id):
        return f"message:{messages[0].source_id}"
    said = "\n".join([title, str(created_at), *(message.content_hash for message in messages)])
    return f"{_OF_CONTENT}{hashlib.sha256(said.encode()).hexdigest()}"


def is_made_of_content(source_id: str) -> bool:
    """Whether a conversation will have another id when it has grown."""
    return source_id.startswith(_OF_CONTENT)
