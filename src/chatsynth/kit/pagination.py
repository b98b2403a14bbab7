"""Pages of a list, with cursors that stay right while the list changes."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


class InvalidCursor(ValueError):
    """This cursor was not made by this server."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """`next_cursor` is None on the last page."""

    items: Sequence[Item]
    next_cursor: str | None


def encode_cursor(*keys: int) -> str:
    """The sort keys of the last item of a page, opaque to clients."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, count: int = 2) -> tuple[int, ...]:
    """Raises InvalidCursor for anything that `encode_cursor` did not make."""
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError) as broken:
        raise InvalidCursor("This page cursor is not valid.") from broken
    good = isinstance(keys, list) and len(keys) == count and all(type(key) is int and abs(key) < 2**63 for key in keys)
    if not good:
        raise InvalidCursor("This page cursor is not valid.")
    return tuple(keys)
