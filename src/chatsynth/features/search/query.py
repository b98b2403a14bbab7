"""From what a person typed to a full-text query: every word must occur, the last one may be unfinished."""

import re
import unicodedata

WORD = re.compile(r"\w+", re.UNICODE)
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


def like_pattern(typed: str) -> str:
    """A LIKE pattern with `\\` as its escape character."""
    escaped = typed.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def mark_substring(text: str, typed: str) -> str:
    """The surroundings of the first hit, with the hit marked as in `snippet()`."""
    wanted = typed.strip()
    at = text.lower().find(wanted.lower())
    if at < 0:
        return text[: 2 * CONTEXT]
    start, end = max(0, at - CONTEXT), at + len(wanted)
    before = ("…" if start else "") + text[start:at]
    after = text[end : end + CONTEXT] + ("…" if end + CONTEXT < len(text) else "")
    return f"{before}{MARK_START}{text[at:end]}{MARK_END}{after}"
