from chatsynth.kit.wire_model import WireModel


class Hit(WireModel):
    """`messageId` null: the title was found. In `snippet`, U+E000 and U+E001 stand around each hit."""

    chat_id: int
    message_id: int | None
    title: str
    snippet: str
    platform: str | None


class Hits(WireModel):
    items: tuple[Hit, ...]
    next: str | None
