"""The type of any JSON value, for payloads whose shape is not ours."""

from collections.abc import Mapping, Sequence

from typing_extensions import TypeAliasType

Json = TypeAliasType("Json", "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None")
JsonObject = TypeAliasType("JsonObject", Mapping[str, Json])
