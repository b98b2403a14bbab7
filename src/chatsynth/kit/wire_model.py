"""The base of everything that crosses the wire: strict types, camelCase names, unknown fields ignored."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

MOST_EXACT = 2**53
"""JavaScript's numbers are exact up to here."""
Id = Annotated[int, Field(ge=1, le=MOST_EXACT)]
"""The number of something that is stored."""
Count = Annotated[int, Field(ge=0, le=MOST_EXACT)]
"""An offset, or a number up to which something holds."""
AT_FIRST_MISTAKE = Field(fail_fast=True)
"""For every list that clients send: a frame with two million mistakes would cost seconds and gigabytes to describe."""


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
