"""What is wrong with the fields of something that came from outside, in words for people."""

import re
from collections.abc import Callable, Mapping, Sequence

MOST_FIELDS_NAMED = 3
FieldError = Mapping[str, object]
"""As pydantic describes one: `type`, `loc` and `ctx`."""
_Wording = Callable[[Mapping[str, object]], str]


def _fixed(words: str) -> _Wording:
    return lambda _: words


_TEXT, _WHOLE, _YES_NO = _fixed("must be a text"), _fixed("must be a whole number"), _fixed("must be true or false")
_OBJECT, _LIST = _fixed("must be a JSON object"), _fixed("must be a list")
_WORDINGS: Mapping[str, _Wording] = {
    "missing": _fixed("is missing"),
    "string_type": _TEXT,
    "string_unicode": _fixed("contains something that is not Unicode text"),
    "string_too_short": lambda limits: f"needs at least {_many(limits['min_length'], 'character')}",
    "string_too_long": lambda limits: f"may have at most {_many(limits['max_length'], 'character')}",
    "string_pattern_mismatch": _fixed("contains characters that it may not contain"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _fixed("must be a number"),
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "none_required": _fixed("must be null"),
    "greater_than_equal": lambda limits: f"must be at least {limits['ge']}",
    "less_than_equal": lambda limits: f"may be at most {limits['le']}",
    "literal_error": lambda limits: f"must be {_choices(limits['expected'])}",
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "too_long": lambda limits: f"may have at most {_many(limits['max_length'], 'item')}",
}


def field_sentence(errors: Sequence[FieldError], path_of: Callable[[Sequence[object]], str], whole: str) -> str:
    """ "“email” is missing; “name” must be a text; and 2 more things". `whole` is what has the fields ("the body").

    Something that may have one of several forms and has none of them gets one phrase with all of these forms.
    """
    phrases: dict[str, list[str]] = {}
    for error in errors:
        location = error["loc"]
        assert isinstance(location, Sequence)
        words = phrases.setdefault(path_of(location)[:100], [])
        wording = _wording_of(error)
        if wording not in words:
            words.append(wording)
    named = [f"{f'“{path}”' if path else whole} {' or '.join(words)}" for path, words in phrases.items()]
    more = len(named) - MOST_FIELDS_NAMED
    return "; ".join([*named[:MOST_FIELDS_NAMED], *([f"and {_many(more, 'more thing')}"] if more > 0 else [])])


def field_path(steps: Sequence[object]) -> str:
    """Where a field stands, without the forms that pydantic tried on the way (`int`, `constrained-str`)."""
    return ".".join(str(step) for step in steps if not _is_a_form(str(step)))


def _is_a_form(step: str) -> bool:
    return step in ("int", "str", "bool") or not step.isalnum()


def _wording_of(error: FieldError) -> str:
    limits = error.get("ctx", {})
    assert isinstance(limits, Mapping)
    wording = _WORDINGS.get(str(error["type"]), _fixed("is not what it must be"))
    return wording(limits)


def _choices(expected: object) -> str:
    """From "'editor' or 'viewer'"."""
    return re.sub(r"'([^']*)'", r"“\1”", str(expected))


def _many(count: object, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
