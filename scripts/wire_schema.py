"""Everything that crosses the WebSocket, as one JSON Schema: who sends it, and which log it stands in."""

import json
from typing import get_args

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core.core_schema import DataclassField, ModelField, TypedDictField

from chatsynth.features.chats import wire as chats
from chatsynth.features.imports import wire as imports
from chatsynth.features.notifications import wire as notifications
from chatsynth.features.sharing import wire as sharing
from chatsynth.kit.wire_model import WireModel
from chatsynth.realtime import frames

JsonSchemas = dict[str, JsonSchemaValue]
DEFINITIONS = "#/$defs/{model}"

ENGINE_FRAMES: tuple[type[WireModel], ...] = get_args(frames.EngineFrame)
COMMANDS = (*chats.CHAT_COMMANDS, *notifications.NOTIFICATION_COMMANDS, *sharing.SHARING_COMMANDS)
SERVER_FRAMES: tuple[type[WireModel], ...] = get_args(frames.ServerFrame)
STATE_PUSHES: tuple[type[WireModel], ...] = (imports.ImportChanged,)
CHAT_ENTRIES: tuple[type[WireModel], ...] = get_args(chats.ChatEntry)
USER_ENTRIES: tuple[type[WireModel], ...] = (
    chats.ChatsListed,
    chats.ChatUnlisted,
    notifications.Notified,
    notifications.NotificationsWereRead,
)
PUSHED: tuple[type[WireModel], ...] = (*SERVER_FRAMES, *STATE_PUSHES, *CHAT_ENTRIES, *USER_ENTRIES)
HTTP_SHAPES: tuple[type[WireModel], ...] = (chats.Chat, chats.ChatSummary, chats.Message, imports.ImportJob)


class Envelope(WireModel):
    """Where an entry stands in its channel's log, which `op` made it, and by whom and when."""

    channel: str
    offset: int
    op: str | None
    by: int | None
    at: int


class _Strictly(GenerateJsonSchema):
    """What the server sends has every field; only what it receives may leave out those with a default."""

    def field_is_required(
        self,
        field: ModelField | DataclassField | TypedDictField,
        total: bool,
    ) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)


def wire_schema() -> JsonSchemaValue:
    """The definitions of all frames, and of the unions that name who sends them."""
    definitions = _definitions()
    definitions["EngineFrame"] = _any_of(ENGINE_FRAMES)
    definitions["ProductCommand"] = _any_of(COMMANDS)
    definitions["ClientFrame"] = _either("EngineFrame", "ProductCommand")
    definitions["ChatEntry"] = _in_envelope(CHAT_ENTRIES)
    definitions["UserEntry"] = _in_envelope(USER_ENTRIES)
    definitions["LogEntry"] = _either("ChatEntry", "UserEntry")
    definitions["StatePush"] = _any_of(STATE_PUSHES)
    definitions["ServerFrame"] = _any_of(SERVER_FRAMES)
    definitions["PushedFrame"] = _either("ServerFrame", "StatePush", "LogEntry")
    return {"title": "AnyFrame", **_either("ClientFrame", "PushedFrame"), "$defs": definitions}


def _definitions() -> JsonSchemas:
    models: tuple[type[WireModel], ...] = (*PUSHED, *HTTP_SHAPES, Envelope)
    sent: list[tuple[type[WireModel], JsonSchemaMode]] = [
        (model, "validation") for model in (*ENGINE_FRAMES, *COMMANDS)
    ]
    received: list[tuple[type[WireModel], JsonSchemaMode]] = [(model, "serialization") for model in models]
    _, schema = models_json_schema(
        [*sent, *received], by_alias=True, ref_template=DEFINITIONS, schema_generator=_Strictly
    )
    return _without_titles_of_fields(_join_equal_directions(schema["$defs"]))


def _join_equal_directions(definitions: JsonSchemas) -> JsonSchemas:
    """One name for a shape that is the same both ways; else `Input` marks what clients send."""
    text = json.dumps(definitions).replace("-Output", "")
    for name in [name.removesuffix("-Input") for name in definitions if name.endswith("-Input")]:
        both = (json.dumps(definitions[f"{name}-{direction}"]) for direction in ("Input", "Output"))
        is_same = len({each.replace("-Input", "").replace("-Output", "") for each in both}) == 1
        text = text.replace(f"{name}-Input", name if is_same else f"{name}Input")
    joined: JsonSchemas = json.loads(text)
    return joined


def _without_titles_of_fields(definitions: JsonSchemas) -> JsonSchemas:
    """A title would become a type of its own for each field."""
    for definition in definitions.values():
        for field in definition.get("properties", {}).values():
            field.pop("title", None)
    return definitions


def _any_of(models: tuple[type[WireModel], ...]) -> JsonSchemaValue:
    return _either(*(model.__name__ for model in models))


def _either(*names: str) -> JsonSchemaValue:
    return {"anyOf": [_reference(name) for name in names]}


def _in_envelope(models: tuple[type[WireModel], ...]) -> JsonSchemaValue:
    return {"allOf": [_reference("Envelope"), _any_of(models)]}


def _reference(name: str) -> JsonSchemaValue:
    return {"$ref": DEFINITIONS.format(model=name)}
