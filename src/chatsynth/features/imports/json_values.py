"""Parses one JSON value the fast way, and the forgiving way when it is not quite JSON."""

import json
import re
from typing import cast

from pydantic_core import PydanticSerializationError, from_json, to_json

_MOST_DIGITS = 4000  # Python refuses to write longer integers
_LONE_SURROGATE = re.compile(
    r"(?P<keep>\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


class TooDeep(Exception):
    """The value nests too deep to be a conversation."""


class NotJson(Exception):
    """The text is not JSON; the message says what is wrong with it."""


def parse(raw: bytes) -> object:
    """The value that `raw` is. Lone surrogates and invalid UTF-8 become U+FFFD, control characters in strings pass.

    Raises NotJson, TooDeep.
    """
    try:
        return parse_strictly(raw)
    except ValueError as error:
        if "recursion limit" in str(error):
            raise TooDeep from None
    return _parse_forgivingly(raw.decode("utf-8", "replace"))


def parse_strictly(raw: bytes) -> object:
    """The value that `raw` is. Raises ValueError when it is not JSON, or not quite."""
    return cast("object", from_json(raw, cache_strings="keys"))


def _parse_forgivingly(text: str) -> object:
    repaired = _LONE_SURROGATE.sub(lambda found: found["keep"] or "\\ufffd", text)
    try:
        return cast("object", json.loads(repaired, strict=False, parse_int=_integer))
    except RecursionError:
        raise TooDeep from None
    except ValueError as error:
        raise NotJson(str(error)) from None


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def dump(value: object) -> bytes:
    """The value as JSON again; NaN and infinity, which JSON has not, become null."""
    try:
        return to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:  # nested too deep for it, or with a lone surrogate
        return json.dumps(value).encode()
