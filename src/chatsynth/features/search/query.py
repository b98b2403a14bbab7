"""From what a person typed to a full-text query: every word must occur, the last one may be unfinished."""

import json
import re
import unicodedata

WORD = re.compile(r"\w[\w\u0300-\u036f]*", re.UNICODE)
"""With the accents that are characters of their own: the index takes them for a part of the word, too."""
MOST_WORDS = 20
MARK_START, MARK_END = "\ue000", "\ue001"
CONTEXT = 60


def match_expression(typed: str) -> str | None:
    """An FTS5 expression in which nothing the person typed is syntax; None when there is no word in it."""
    words = WORD.findall(typed)[:MOST_WORDS]
    if not words:
        return None
    quoted = [f'"{word}"' for word in words]
    quoted[-1] += "*"
    return " ".join(quoted)


def needs_substring_search(typed: str) -> bool:
    """Scripts that are written without spaces cannot be found by words."""
    return any(unicodedata.name(each, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "THAI")) for each in typed)


def like_patterns(typed: str) -> str:
    """A JSON list of LIKE patterns, one for each word, with `\\` as their escape character."""
    return json.dumps([_like_pattern(word) for word in typed.split()[:MOST_WORDS]])


def _like_pattern(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def mark_substring(text: str, typed: str) -> str:
    """The surroundings of the first hit of any word, with the hit marked as in `snippet()`."""
    words = "|".join(re.escape(word) for word in typed.split()[:MOST_WORDS])
    hit = re.search(words, text, re.IGNORECASE)
    if hit is None:
        return text[: 2 * CONTEXT]
    at, end = hit.span()
    start = max(0, at - CONTEXT)
    before = ("…" if start else "") + text[start:at]
    after = text[end : end + CONTEXT] + ("…" if end + CONTEXT < len(text) else "")
    return f"{before}{MARK_START}{text[at:end]}{MARK_END}{after}"
