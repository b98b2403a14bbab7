"""What plain connections, which speak only the seed vocabulary, are told: `chat_updated` with what the chat now is."""

from pydantic import TypeAdapter
from sqlalchemy import Connection

from chatsynth.features.chats import repository
from chatsynth.features.chats.access import Access
from chatsynth.features.chats.transcript import Section, serialize
from chatsynth.features.chats.tree import path_to
from chatsynth.features.chats.wire import Message
from chatsynth.kit.json_types import Json
from chatsynth.realtime.publication import PlainForm

_JSON: TypeAdapter[object] = TypeAdapter(object)


def chat_updated(audience: frozenset[int], chat_id: int, **fields: Json) -> PlainForm:
    """`{"type": "chat_updated", "chat": {"id": …, …fields}}`, made only if somebody plain is listening (rule PLN2)."""
    return PlainForm(
        audience, lambda: _JSON.dump_json({"type": "chat_updated", "chat": {"id": chat_id, **fields}}, by_alias=True)
    )


def whole_chat(db: Connection, access: Access) -> PlainForm:
    """What the chat shows now, as one text and as a list, for what fields of one message cannot say (rule PLN3)."""
    shown = visible_messages(db, access.chat_id)
    transcript = serialize(Section(message.role, message.content) for message in shown)
    listed = [{"id": message.id, "role": message.role, "content": message.content} for message in shown]
    return chat_updated(access.audience, access.chat_id, content=transcript, messages=listed)


def visible_messages(db: Connection, chat_id: int) -> list[Message]:
    leaf_id = repository.chat_row(db, chat_id)["active_leaf_id"]
    path = path_to(leaf_id, repository.nodes_of(db, chat_id))
    loaded = repository.load_messages(db, chat_id, [node.id for node in path if not node.is_removed])
    return [message for message in loaded if not message.hidden]
