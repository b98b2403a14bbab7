"""The AsyncAPI 3.0 document of `/ws/{user_id}`: every frame in both directions."""

import json

from pydantic.json_schema import JsonSchemaValue

from chatsynth import __version__
from chatsynth.kit.wire_model import WireModel
from chatsynth.realtime.errors import CLOSE_REASONS
from scripts.wire_schema import (
    CHAT_ENTRIES,
    COMMANDS,
    ENGINE_FRAMES,
    SERVER_FRAMES,
    STATE_PUSHES,
    USER_ENTRIES,
    wire_schema,
)

SCHEMAS = "#/components/schemas/"
PLAIN_CHAT_UPDATED: JsonSchemaValue = {
    "title": "PlainChatUpdated",
    "description": "What a connection that never said `hello` gets instead of entries (rules PLN1 to PLN3).",
    "type": "object",
    "properties": {
        "type": {"const": "chat_updated"},
        "chat": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]},
    },
    "required": ["type", "chat"],
}


def asyncapi() -> JsonSchemaValue:
    """Operations are named from the server's side, as AsyncAPI does: it receives commands and sends the rest."""
    received = _messages((*ENGINE_FRAMES, *COMMANDS), "")
    sent = {
        **_messages((*SERVER_FRAMES, *STATE_PUSHES), ""),
        **_messages((*CHAT_ENTRIES, *USER_ENTRIES), "Entry"),
        "PlainChatUpdated": {"name": "chat_updated", "payload": {"$ref": f"{SCHEMAS}PlainChatUpdated"}},
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "ChatSynth live", "version": __version__, "description": _description()},
        "defaultContentType": "application/json",
        "channels": {
            "live": {
                "address": "/ws/{userId}",
                "parameters": {"userId": {"description": "The number of the person who is signed in (rule AUT3)."}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in (*received, *sent)},
            }
        },
        "operations": {"receive": _operation("receive", received), "send": _operation("send", sent)},
        "components": {
            "messages": {**received, **sent},
            "schemas": {**_schemas(), "PlainChatUpdated": PLAIN_CHAT_UPDATED},
            "securitySchemes": {
                "cookie": {"type": "httpApiKey", "in": "cookie", "name": "chatsynth_session"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _description() -> str:
    codes = "\n".join(f"- {code.value}: {reason}" for code, reason in CLOSE_REASONS.items())
    return f"The rules are in docs/reference/protocol.md.\n\nClose codes:\n{codes}"


def _messages(models: tuple[type[WireModel], ...], suffix: str) -> dict[str, JsonSchemaValue]:
    """Entries carry an envelope, which `suffix` tells."""
    return {f"{model.__name__}{suffix}": _message(model, in_envelope=bool(suffix)) for model in models}


def _message(model: type[WireModel], *, in_envelope: bool) -> JsonSchemaValue:
    body = {"$ref": f"{SCHEMAS}{model.__name__}"}
    payload = {"allOf": [{"$ref": f"{SCHEMAS}Envelope"}, body]} if in_envelope else body
    return {"name": _type_of(model), "summary": _first_line(model), "payload": payload}


def _type_of(model: type[WireModel]) -> str:
    kind = model.model_json_schema()["properties"]["type"]
    return str(kind["const"])


def _first_line(model: type[WireModel]) -> str:
    return (model.__doc__ or model.__name__).strip().splitlines()[0]


def _operation(action: str, messages: dict[str, JsonSchemaValue]) -> JsonSchemaValue:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/live"},
        "messages": [{"$ref": f"#/channels/live/messages/{name}"} for name in messages],
        "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in ("cookie", "token")],
    }


def _schemas() -> dict[str, JsonSchemaValue]:
    schemas: dict[str, JsonSchemaValue] = json.loads(json.dumps(wire_schema()["$defs"]).replace("#/$defs/", SCHEMAS))
    return schemas
