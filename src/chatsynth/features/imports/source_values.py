"""Reads fields of foreign JSON, where any value may be missing or of another type than expected."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from chatsynth.features.imports.text_cleaning import clean_text

_EMPTY: Mapping[str, object] = {}
_LARGEST_INTEGER = 2**53 - 1  # what a browser reads exactly
_LATEST_MS = 253_402_300_800_000  # the year 10000
_LATEST_NS = _LATEST_MS * 1_000_000
_LONGEST_NAME = 500
_LONGEST_ADDRESS = 4000


def fields(value: object) -> Mapping[str, object]:
    """The members of an object, none of anything else."""
    return value if isinstance(value, dict) else _EMPTY


def items(value: object) -> Sequence[object]:
    """The items of a list, none of anything else."""
    return value if isinstance(value, list) else ()


def text(value: object) -> str:
    """A string, cleaned; "" for anything else."""
    return clean_text(value) if isinstance(value, str) else ""


def name(value: object) -> str:
    """A string that is to stand in a line: trimmed, and cut when it is absurdly long."""
    if not isinstance(value, str):
        return ""
    if value.isprintable() and len(value) <= _LONGEST_NAME:  # which is without anything to clean
        return value.strip()
    cleaned = clean_text(value).strip()
    return cleaned if len(cleaned) <= _LONGEST_NAME else cleaned[: _LONGEST_NAME - 1] + "…"


def first_name(*values: object) -> str:
    """The first of the values that is a string with something in it."""
    for value in values:
        if found := name(value):
            return found
    return ""


def web_address(value: object) -> str:
    """An http or https URL; "" for anything else."""
    address = text(value).strip()
    return address if address.startswith(("https://", "http://")) and len(address) <= _LONGEST_ADDRESS else ""


def integer(value: object) -> int | None:
    """A whole number that is not negative and that a browser can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= _LARGEST_INTEGER else None


def time_ms(value: object) -> int | None:
    """Milliseconds since 1970 UTC of a number of seconds, ms, µs or ns, or of a string with either or in ISO 8601.

    A time without a zone is UTC. Zero, which platforms write for "unknown", and anything else is None.
    """
    if isinstance(value, str):
        return _time_in_words(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _LATEST_NS:
        return None
    milliseconds = value * 1000
    while milliseconds >= _LATEST_MS:
        milliseconds /= 1000
    return round(milliseconds) or None


def _time_in_words(words: str) -> int | None:
    if not words or len(words) > 64:
        return None
    try:
        return time_ms(float(words))
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(words)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(round(moment.timestamp() * 1000), 0) or None
    except (ValueError, OverflowError):
        return None
