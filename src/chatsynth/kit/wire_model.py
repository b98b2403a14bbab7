"""The base of everything that crosses the wire: strict types, camelCase names, unknown fields ignored."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class WireModel(BaseModel):
    """Immutable; a field that is not what it says is refused, never converted."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        strict=True,
        frozen=True,
    )

    def wire_json(self) -> bytes:
        return self.model_dump_json(by_alias=True, exclude_none=False).encode()
