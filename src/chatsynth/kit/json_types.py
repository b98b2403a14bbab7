"""The type of any JSON value, for payloads whose shape is not ours."""

from collections.abc import Mapping, Sequence

from pydantic import SkipValidation
from typing_extensions import TypeAliasType

Json = TypeAliasType("Json", "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None")
JsonObject = TypeAliasType("JsonObject", Mapping[str, Json])
ParsedJsonObject = TypeAliasType("ParsedJsonObject", Mapping[str, SkipValidation[Json]])
"""What came out of a JSON parser: looking at each value again would take seconds where a frame is megabytes long."""
