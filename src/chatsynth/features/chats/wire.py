"""Chats and messages as they cross the wire: the same shapes over HTTP, in log entries and in commands."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic_core import to_json

from chatsynth.features.chats.changes_json import changes_json
from chatsynth.kit.json_types import Json
from chatsynth.kit.wire_model import AT_FIRST_MISTAKE, Count, Id, WireModel
from chatsynth.realtime.frames import Command, Op

Role = Literal["user", "assistant", "system", "tool"]
MemberRole = Literal["owner", "editor", "viewer"]
Title = Annotated[str, StringConstraints(max_length=500)]
Content = str
"""How long a text may be is a setting; frames and bodies are bounded before they are read."""
ChatRef = Id | Op
"""The number of a chat, or the `op` that created it."""
MessageRef = Id | Op
"""The number of a message, or the `op` that added it."""
Epoch = Annotated[str, StringConstraints(max_length=64)]
ChangeJson = Annotated[list[int | Annotated[list[int | str], AT_FIRST_MISTAKE]], AT_FIRST_MISTAKE]
"""A change set in CodeMirror's JSON form, see docs/reference/change-sets.md."""


# Shapes -----------------------------------------------------------------------------------------


class Part(WireModel):
    """Something in a message that is not text. `at`: where it stands in the text, in UTF-16 code units."""

    type: Literal[
        "thinking",
        "tool_call",
        "tool_result",
        "citation",
        "image",
        "file",
        "audio",
        "code",
        "artifact",
        "error",
        "badge",
        "unknown",
    ]
    at: int
    text: str | None = None
    title: str | None = None
    name: str | None = None
    url: str | None = None
    language: str | None = None
    summary: str | None = None
    alt: str | None = None
    kind: str | None = None
    mime_type: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    is_error: bool | None = None
    # `unknown` keeps what it was
    json_value: Annotated[Json, Field(alias="json")] = None


class Message(WireModel):
    id: int
    role: Role
    author: str | None
    model: str | None
    content: str
    parts: tuple[Part, ...]
    hidden: bool
    created_at: int | None
    edited_at: int | None
    siblings: tuple[int, ...]
    """The ids of the alternatives at this place of the tree, this message among them; empty when it is alone."""


class Member(WireModel):
    user_id: int
    name: str
    email: str
    role: MemberRole


class ChatSummary(WireModel):
    """A line in the list of chats, as one person sees it (`role` is that person's)."""

    id: int
    title: str
    platform: str | None
    role: MemberRole
    owner_name: str
    is_shared: bool
    created_at: int
    updated_at: int
    archived_at: int | None
    deleted_at: int | None
    message_count: int


class Chat(WireModel):
    """A snapshot: everything here was read at `offset` of channel `chat:<id>`. `messages` is a page of the active
    branch in order, removed ones left out; `next` is the cursor of the following page, null at the end."""

    id: int
    title: str
    platform: str | None
    role: MemberRole
    channel: str
    epoch: str
    offset: int
    created_at: int
    updated_at: int
    archived_at: int | None
    deleted_at: int | None
    members: tuple[Member, ...]
    messages: tuple[Message, ...]
    message_count: int
    next: str | None


# Commands ---------------------------------------------------------------------------------------


class ChatTarget(WireModel):
    id: ChatRef


class NewMessage(WireModel):
    role: Role = "user"
    content: Content = ""
    author: Annotated[str, StringConstraints(max_length=200)] | None = None


class WholeMessage(WireModel):
    """One message of a whole-chat save; without `id` it is a new one."""

    id: Id | None = None
    role: Role = "user"
    content: Content


class TextUpdate(WireModel):
    """Either `changes` made against the text at offset `base`, or `content`, the new text.

    `epoch` is that of the log that `base` counts in; a change for an earlier life of the log is refused.
    Without `messageId`, `content` is the whole chat: a transcript (docs/reference/protocol.md) or a list of messages.
    """

    id: ChatRef
    message_id: MessageRef | None = None
    base: Count | None = None
    epoch: Epoch | None = None
    changes: ChangeJson | None = None
    content: Content | Annotated[tuple[WholeMessage, ...], AT_FIRST_MISTAKE] | None = None


class UpdateChat(Command):
    type: Literal["chat_update"]
    chat: TextUpdate


class NewChat(WireModel):
    title: Title = ""
    messages: Annotated[tuple[NewMessage, ...], Field(max_length=10_000, strict=False), AT_FIRST_MISTAKE] = ()


class CreateChat(Command):
    type: Literal["chat_create"]
    chat: NewChat


class ChatTitle(ChatTarget):
    title: Title


class RetitleChat(Command):
    type: Literal["chat_retitle"]
    chat: ChatTitle


class ArchiveChat(Command):
    """Puts a chat away, or with `archived` false back into the list."""

    type: Literal["chat_archive"]
    chat: ChatTarget
    archived: bool


class DeleteChat(Command):
    """Moves a chat into the trash; `chat_restore` brings it back."""

    type: Literal["chat_delete"]
    chat: ChatTarget


class RestoreChat(Command):
    type: Literal["chat_restore"]
    chat: ChatTarget


class MessageTarget(ChatTarget):
    message_id: MessageRef


class AddMessage(Command):
    """`after`: the message that it follows; null for the beginning; "end" for the end."""

    type: Literal["message_add"]
    chat: ChatTarget
    message: NewMessage
    after: MessageRef | Literal["end"] | None = "end"


class RemoveMessage(Command):
    type: Literal["message_remove"]
    chat: MessageTarget


class RestoreMessage(Command):
    type: Literal["message_restore"]
    chat: MessageTarget


class MoveMessage(Command):
    """`after`: the message that it is to follow; null for the beginning."""

    type: Literal["message_move"]
    chat: MessageTarget
    after: MessageRef | None


class SelectBranch(Command):
    """Shows the branch that goes through this message, to everyone in the chat."""

    type: Literal["branch_select"]
    chat: MessageTarget


CHAT_COMMANDS: tuple[type[Command], ...] = (
    UpdateChat,
    CreateChat,
    RetitleChat,
    ArchiveChat,
    DeleteChat,
    RestoreChat,
    AddMessage,
    RemoveMessage,
    RestoreMessage,
    MoveMessage,
    SelectBranch,
)


# Log entries of `chat:<id>` ---------------------------------------------------------------------


class TextChange(WireModel):
    """`changes` applies to the text that `messageId` has after the entry before this one."""

    id: int
    message_id: int
    changes: ChangeJson


class ChatUpdated(WireModel):
    type: Literal["chat_updated"] = "chat_updated"
    chat: TextChange

    def wire_json(self) -> bytes:
        head = to_json({"type": self.type, "chat": {"id": self.chat.id, "messageId": self.chat.message_id}})
        return head[:-2] + b',"changes":' + changes_json(self.chat.changes) + b"}}"


class ChatCreated(WireModel):
    type: Literal["chat_created"] = "chat_created"
    title: str


class ChatRetitled(WireModel):
    type: Literal["chat_retitled"] = "chat_retitled"
    title: str


class ChatArchived(WireModel):
    type: Literal["chat_archived"] = "chat_archived"
    archived_at: int | None


class ChatDeleted(WireModel):
    type: Literal["chat_deleted"] = "chat_deleted"
    deleted_at: int


class ChatRestored(WireModel):
    type: Literal["chat_restored"] = "chat_restored"


class MessageAdded(WireModel):
    """`after`: the message of the active branch that it follows (removed ones left out); null at the beginning."""

    type: Literal["message_added"] = "message_added"
    message: Message
    after: int | None


class MessageRemoved(WireModel):
    type: Literal["message_removed"] = "message_removed"
    message_id: int


class MessageRestored(WireModel):
    type: Literal["message_restored"] = "message_restored"
    message: Message
    after: int | None


class MessageMoved(WireModel):
    type: Literal["message_moved"] = "message_moved"
    message_id: int
    after: int | None


class BranchSelected(WireModel):
    """Another branch is active from here on: load the snapshot again."""

    type: Literal["branch_selected"] = "branch_selected"
    message_id: int


class MessagesImported(WireModel):
    """An import brought messages into this chat: load the snapshot again."""

    type: Literal["messages_imported"] = "messages_imported"
    added: int
    updated: int


class MembersChanged(WireModel):
    type: Literal["members_changed"] = "members_changed"
    members: tuple[Member, ...]


ChatEntry = (
    ChatUpdated
    | ChatCreated
    | ChatRetitled
    | ChatArchived
    | ChatDeleted
    | ChatRestored
    | MessageAdded
    | MessageRemoved
    | MessageRestored
    | MessageMoved
    | BranchSelected
    | MessagesImported
    | MembersChanged
)


# Log entries of `user:<id>` ---------------------------------------------------------------------


class ChatsListed(WireModel):
    """These chats are new in the person's list, or changed in it."""

    type: Literal["chats_listed"] = "chats_listed"
    chats: tuple[ChatSummary, ...]


class ChatUnlisted(WireModel):
    """The person may not see this chat any more."""

    type: Literal["chat_unlisted"] = "chat_unlisted"
    chat_id: int
