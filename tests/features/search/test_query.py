"""What a person types is never syntax."""

import json
import sqlite3
from contextlib import closing

from hypothesis import example, given
from hypothesis import strategies as st

from chatsynth.features.search.query import MARK_END, MARK_START, like_patterns, mark_substring, match_expression

SYNTAX = st.sampled_from(
    ['"', "*", "(", ")", "AND", "OR", "NOT", "NEAR", "^", ":", "-", "+", "{", "}", "_", "'", ";", "\0"]
)
typed = st.lists(SYNTAX | st.text(max_size=4) | st.sampled_from(["fox", "²", "ﬁ", "İ"]), max_size=8).map(" ".join)


@given(typed)
@example("_")
@example('"')
@example("fox* OR NOT (text:x)")
def test_any_text_is_a_query_that_the_index_takes(text: str) -> None:
    expression = match_expression(text)
    if expression is not None:
        with closing(sqlite3.connect(":memory:")) as db:
            db.execute("CREATE VIRTUAL TABLE found USING fts5(text, tokenize='unicode61 remove_diacritics 2')")
            db.execute("SELECT * FROM found WHERE found MATCH ?", (expression,)).fetchall()


@given(st.text(max_size=10), st.text(max_size=10), st.text(max_size=10))
@example("a%b_c\\", "", "")
def test_a_pattern_finds_what_contains_the_text_and_nothing_by_wildcards(before: str, text: str, after: str) -> None:
    wanted = "".join(text.split()).replace("\0", "")
    if not wanted:
        return
    (pattern,) = json.loads(like_patterns(_text(wanted)))
    with closing(sqlite3.connect(":memory:")) as db:
        inside = (before + wanted + after).replace("\0", "")
        found = "SELECT ? LIKE ? ESCAPE '\\'"
        assert db.execute(found, (_text(inside), pattern)).fetchone() == (1,)
        if any(letter in wanted for letter in "%_"):
            other = wanted.replace("%", "x").replace("_", "x")
            assert db.execute(found, (_text(other), pattern)).fetchone() == (0,)


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@given(st.text(max_size=30), st.text(min_size=1, max_size=5), st.text(max_size=30))
@example("İİİ", "漢", "")
def test_marks_stand_around_the_hit(before: str, wanted: str, after: str) -> None:
    text = (before + wanted + after).replace(MARK_START, "").replace(MARK_END, "")
    wanted = "".join(wanted.split()).replace(MARK_START, "").replace(MARK_END, "")
    if wanted and wanted in text:
        marked = mark_substring(text, wanted)
        hit = marked[marked.index(MARK_START) + 1 : marked.index(MARK_END)]
        assert hit.lower() == wanted.lower()
        assert marked.replace(MARK_START, "").replace(MARK_END, "").strip("…") in text
