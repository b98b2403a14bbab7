"""Bodies and answers of the chat endpoints that are not already shapes of the wire."""

from chatsynth.features.chats.wire import ChangeJson, ChatSummary, Content, Epoch, Message, NewMessage, Title
from chatsynth.kit.wire_model import Count, Id, WireModel


class ChatList(WireModel):
    """`offset` is where the person's log (`channel`) stood when the page was read."""

    items: tuple[ChatSummary, ...]
    next: str | None
    channel: str
    epoch: str
    offset: int


class ChatChange(WireModel):
    """What is not given stays as it is."""

    title: Title | None = None
    archived: bool | None = None


class AddedMessage(NewMessage):
    """`after` null puts the message at the beginning; without `after` it comes at the end."""

    after: Id | None = None


class MessageChange(WireModel):
    """The new `content`, or `changes`, made against the message as it was at offset `base` (of the log's `epoch`)."""

    content: Content | None = None
    changes: ChangeJson | None = None
    base: Count | None = None
    epoch: Epoch | None = None


class Messages(WireModel):
    items: tuple[Message, ...]


class Done(WireModel):
    """The change is on disk, at this place of the chat's log."""

    channel: str
    offset: int
    chat_id: int
    message_id: int | None = None
