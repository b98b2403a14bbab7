"""What plain connections, which speak only the seed vocabulary, are told: `chat_updated` with what the chat now is."""

from pydantic import TypeAdapter

from chatsynth.kit.json_types import Json
from chatsynth.realtime.publication import PlainForm

_JSON: TypeAdapter[object] = TypeAdapter(object)


def chat_updated(audience: frozenset[int], chat_id: int, **fields: Json) -> PlainForm:
    """`{"type": "chat_updated", "chat": {"id": …, …fields}}`, made only if somebody plain is listening (rule PLN2)."""
    return PlainForm(
        audience, lambda: _JSON.dump_json({"type": "chat_updated", "chat": {"id": chat_id, **fields}}, by_alias=True)
    )
