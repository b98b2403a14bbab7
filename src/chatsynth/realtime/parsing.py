"""From a text frame to a typed frame, or to an error that a person can read (rules FRM1 to FRM5)."""

import re
from functools import reduce
from operator import or_
from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

from chatsynth.kit.field_errors import field_path, field_sentence
from chatsynth.kit.json_count import values_in
from chatsynth.kit.wire_model import WireModel
from chatsynth.realtime.errors import ErrorCode
from chatsynth.realtime.frames import Command, EngineFrame, Error

TOO_MANY = "This frame has more than {:,} values and names of fields. Please send it in parts."
_NAMED = re.compile(rb'"op"\s*:\s*"([A-Za-z0-9_.:-]{1,64})"')
"""In a text that is not read. Within a string its quotes would have backslashes before them."""


class FrameParser:
    """Knows the engine's frames and the product's commands; never raises on what a client sends.

    A frame of more than `most_values` is not read at all: making so many would hold everybody up (promise P7).
    """

    def __init__(self, commands: tuple[type[Command], ...], most_values: int) -> None:
        self._most_values = most_values
        one_of_all: object = Annotated[reduce(or_, commands, EngineFrame), Field(discriminator="type")]
        self._adapter: TypeAdapter[EngineFrame | Command] = TypeAdapter(one_of_all)  # type: ignore[arg-type]
        self.known_types = frozenset(_type_name(model) for model in (*get_args(EngineFrame), *commands))

    def parse(self, text: str | bytes) -> EngineFrame | Command | Error:
        return self.weigh_and_parse(text)[1]

    def weigh_and_parse(self, text: str | bytes) -> tuple[int, EngineFrame | Command | Error]:
        """Also about how many values it has, or how many were found until it was clear that they are too many."""
        content = text if isinstance(text, bytes) else text.encode(errors="surrogatepass")
        values = values_in(content, self._most_values)
        return values, self._too_many(content) if values > self._most_values else self._decode(text)

    def _too_many(self, content: bytes) -> Error:
        named = _NAMED.search(content)
        sentence = TOO_MANY.format(self._most_values)
        return Error(op=named[1].decode() if named else None, code=ErrorCode.TOO_LARGE, message=sentence)

    def _decode(self, text: str | bytes) -> EngineFrame | Command | Error:
        try:
            return self._adapter.validate_json(text)
        except ValidationError as invalid:
            return self._explain(text, invalid)
        except RecursionError:
            return Error(code=ErrorCode.INVALID_FRAME, message="This frame is nested too deeply.")

    def _explain(self, text: str | bytes, invalid: ValidationError) -> Error:
        try:
            named = _Named.model_validate_json(text)
        except ValidationError as broken:
            return Error(code=ErrorCode.INVALID_FRAME, message=_why_no_object(broken))
        op, kind = named.op, named.type
        named_op = op if isinstance(op, str) and len(op) <= 64 and op.isprintable() else None
        if not isinstance(kind, str):
            return Error(
                op=named_op, code=ErrorCode.INVALID_FRAME, message="The field “type” is missing or not a text."
            )
        if kind not in self.known_types:
            return Error(
                op=named_op, code=ErrorCode.UNKNOWN_TYPE, message=f"The type “{_short(kind)}” is not known here."
            )
        return Error(op=named_op, code=ErrorCode.INVALID_FRAME, message=_field_sentence(kind, invalid))


class _Named(WireModel):
    """All of a frame that is refused that must be understood; the rest of it is passed over, however large it is."""

    op: object = None
    type: object = None


def _why_no_object(broken: ValidationError) -> str:
    problem = broken.errors(include_url=False, include_input=False)[0]
    if problem["type"] == "model_type":
        return "A frame is a JSON object with a field “type”."
    reason = problem.get("ctx", {}).get("error", "it is no Unicode text")
    return f"This frame is not valid JSON: {reason}."[:300]


def _type_name(model: type) -> str:
    annotation = model.model_fields["type"].annotation  # type: ignore[attr-defined]
    assert getattr(annotation, "__origin__", None) is Literal
    return str(get_args(annotation)[0])


def _short(text: str) -> str:
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text[:40])
    return shown + "…" if len(text) > 40 else shown


def _field_sentence(kind: str, invalid: ValidationError) -> str:
    problems = invalid.errors(include_url=False, include_input=False)
    wrong = field_sentence(problems, lambda steps: field_path([step for step in steps if step != kind]), "the frame")
    return f"This “{kind}” frame is not right: {wrong}."[:500]
