"""The generated documents know every frame, and entries look as the documents say."""

import json
from pathlib import Path

from chatsynth.config import Settings
from chatsynth.database.unit import Unit
from chatsynth.features.chats import wire as chats
from chatsynth.features.imports import wire as imports
from chatsynth.features.notifications import wire as notifications
from chatsynth.features.sharing import wire as sharing
from chatsynth.kit.wire_model import WireModel
from chatsynth.library import open_library
from chatsynth.log.append import NOBODY, append
from chatsynth.realtime import frames
from chatsynth.realtime.publication import AfterCommit, Publication
from scripts.asyncapi import asyncapi
from scripts.wire_schema import COMMANDS, ENGINE_FRAMES, PUSHED, Envelope, wire_schema


def _is_frame(model: object) -> bool:
    return isinstance(model, type) and issubclass(model, WireModel) and "type" in model.model_fields


def test_every_frame_that_is_defined_is_in_the_documents() -> None:
    modules = (frames, chats, imports, notifications, sharing)
    defined = {model for module in modules for model in vars(module).values() if _is_frame(model)} - {chats.Part}
    assert defined == {*ENGINE_FRAMES, *COMMANDS, *PUSHED}


def test_an_entry_is_its_body_in_an_envelope(tmp_path: Path) -> None:
    def work(unit: Unit[AfterCommit]) -> bytes:
        append(unit, "chat:7", chats.ChatRetitled(title="New"), NOBODY)
        (publication,) = unit.after_commit
        assert isinstance(publication, Publication)
        return publication.payload

    with open_library(Settings(data_dir=tmp_path), may_create=True) as library:
        entry = json.loads(library.writer.run(work))
    body = entry.keys() - {"channel", "offset", "op", "by", "at"}
    assert body == {"type", "title"}
    assert Envelope.model_validate(entry).channel == "chat:7"


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi()
    for reference in _references(document):
        place: object = document
        for step in reference.removeprefix("#/").split("/"):
            assert isinstance(place, dict)
            place = place[step]


def test_what_the_server_sends_has_every_field() -> None:
    definitions = wire_schema()["$defs"]
    for model in PUSHED:
        schema = definitions[model.__name__]
        assert schema["required"] == list(schema["properties"]), model


def _references(node: object) -> list[str]:
    match node:
        case {"$ref": str(reference)}:
            return [reference]
        case dict():
            return [found for value in node.values() for found in _references(value)]
        case list():
            return [found for value in node for found in _references(value)]
        case _:
            return []
