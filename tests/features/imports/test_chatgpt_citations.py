"""Citation marks leave the text, and what they stood for is where they stood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatsynth.features.imports.canonical import Citation
from chatsynth.features.imports.chatgpt import read_conversation
from chatsynth.features.imports.chatgpt_citations import take_out_marks
from chatsynth.features.imports.text_cleaning import utf16_length
from tests.features.imports.exports import JsonDict, chatgpt_chain, chatgpt_message

MARK = "\ue200cite\ue202turn0search0\ue201"
OTHER = "\ue200cite\ue202turn0search1\ue202turn1view2\ue201"
A = Citation(0, "A", "https://a.example/", "")
B = Citation(0, "B", "https://b.example/", "")


def page(letter: str, **fields: object) -> JsonDict:
    return {"title": letter.upper(), "url": f"https://{letter}.example/"} | fields


def reference(mark: str, *items: JsonDict, **fields: object) -> JsonDict:
    return {
        "matched_text": mark,
        "start_idx": 0,
        "end_idx": 1,
        "type": "grouped_webpages",
        "items": list(items),
    } | fields


def referring(*references: JsonDict) -> JsonDict:
    return {"content_references": list(references)}


def cited(text: str, metadata: JsonDict) -> list[tuple[int, str, str]]:
    return [(citation.at, citation.title, citation.url) for citation in take_out_marks(text, metadata)[1]]


def test_search_marks_become_citations_at_their_place() -> None:
    text = f"😀 One.{MARK} Two.{OTHER}"
    metadata = referring(reference(OTHER, page("b"), page("c")), reference(MARK, page("a", snippet="says")))
    shown, citations = take_out_marks(text, metadata)
    assert shown == "😀 One. Two."
    assert list(citations) == [
        Citation(7, "A", "https://a.example/", "says"),
        Citation(12, "B", "https://b.example/", ""),
        Citation(12, "C", "https://c.example/", ""),
    ]


def test_places_are_right_after_several_texts_and_line_ends() -> None:
    message = chatgpt_message(
        "m",
        "assistant",
        {"content_type": "text", "parts": ["😀\r\n", f"a\r\nb{MARK}c"]},
        metadata=referring(reference(MARK, page("a"))),
    )
    read = read_conversation(chatgpt_chain("c", [message]), b"{}").messages[0]
    assert read.text == "😀\n\n\na\nbc"
    (citation,) = read.parts
    assert read.text.encode("utf-16-le")[: 2 * citation.at].decode("utf-16-le") == "😀\n\n\na\nb"


def test_the_same_mark_may_stand_for_different_pages() -> None:
    metadata = referring(reference(MARK, page("a")), reference(MARK, page("b")))
    assert cited(f"x{MARK}y{MARK}z{MARK}", metadata) == [
        (1, "A", "https://a.example/"),
        (2, "B", "https://b.example/"),
        (3, "B", "https://b.example/"),
    ]


def test_supporting_pages_are_cited_too_and_each_once() -> None:
    main = page("a", supporting_websites=[page("b"), page("a")])
    assert [title for _, title, _ in cited(MARK, referring(reference(MARK, main)))] == ["A", "B"]


def test_browsing_marks_are_found_by_their_place_in_the_original_text() -> None:
    text = "😀 Rain【1†source】 and wind【2†source】."
    citations = [
        {"start_ix": text.index("【2"), "end_ix": 99, "citation_format_type": "tether_og", "metadata": page("b")},
        {"start_ix": text.index("【1"), "end_ix": 9, "metadata": page("a", type="webpage", text="It rains.")},
    ]
    shown, found = take_out_marks(text, {"citations": citations})
    assert shown == "😀 Rain and wind."
    assert list(found) == [
        Citation(7, "A", "https://a.example/", "It rains."),
        Citation(16, "B", "https://b.example/", ""),
    ]


def test_a_place_may_be_counted_in_utf16() -> None:
    text = "😀😀 Rain【7†source】."
    in_utf16 = utf16_length(text[: text.index("【")])
    assert cited(text, {"citations": [{"start_ix": in_utf16, "metadata": page("a")}]}) == [
        (9, "A", "https://a.example/")
    ]


def test_a_browsing_mark_is_also_found_by_the_message_that_it_names() -> None:
    metadata: JsonDict = {"citations": [{"metadata": page("a", extra={"cited_message_idx": 4})}]}
    assert cited("Rain【4†source】", metadata) == [(4, "A", "https://a.example/")]
    assert cited("Rain【5†source】", metadata) == []


def test_files_are_cited_by_name() -> None:
    metadata: JsonDict = {"citations": [{"start_ix": 4, "metadata": {"type": "file", "name": "a.pdf", "id": "file-1"}}]}
    assert cited("Rain【12:3†a.pdf】", metadata) == [(4, "a.pdf", "")]


def test_search_results_name_what_no_reference_does() -> None:
    entry = page("a", ref_id={"turn_index": 0, "ref_type": "search", "ref_index": 0})
    metadata: JsonDict = {"search_result_groups": [{"type": "search_result_group", "entries": [entry]}]}
    assert cited(f"x{MARK}", metadata) == [(1, "A", "https://a.example/")]


def test_citations_whose_mark_is_gone_stand_where_their_passage_ends() -> None:
    text = f"😀 One\r\ntwo{MARK} three."
    citations: list[JsonDict] = [
        {"start_ix": 0, "end_ix": text.index("\r"), "metadata": page("b")},
        {"start_ix": 3, "end_ix": text.index("three") + 5, "metadata": page("c")},
        {"start_ix": 0, "end_ix": text.index(MARK) + 3, "metadata": page("d")},
        {"start_ix": 0, "end_ix": 3, "metadata": page("a")},
        {"start_ix": 0, "end_ix": 10**9, "metadata": page("e")},
        {"end_ix": None, "metadata": page("f")},
    ]
    metadata = referring(reference(MARK, page("a"))) | {"citations": citations}
    shown, found = take_out_marks(text, metadata)
    assert shown == "😀 One\ntwo three."
    in_utf16 = shown.encode("utf-16-le")
    assert [(in_utf16[: 2 * citation.at].decode("utf-16-le"), citation.title) for citation in found] == [
        ("😀 One", "B"),
        ("😀 One\ntwo", "A"),
        ("😀 One\ntwo", "D"),
        ("😀 One\ntwo three", "C"),
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"a{MARK}b", "ab"),
        ("a\ue203claim\ue204b\ue206", "aclaimb"),
        ("a\ue200cite\ue202turn0search0", "a"),
        ("a\ue200cite\ue202turn0search0 b\ue200", "a b"),
        ("a【3†source】b【oaicite:1】c:contentReference[oaicite:0]{index=0}d", "abcd"),
        ('The \ue200entity\ue202["company","Motorola","phones"]\ue201 Razr', "The Motorola Razr"),
        ("The \ue200entity\ue202[broken\ue201 Razr", "The  Razr"),
        ("See \ue200url\ue202the guide\ue202turn0search0\ue201.", "See the guide."),
        ("See \ue200link_title\ue202Guide\ue202k\ue201.", "See Guide."),
        ("\ue200image_group\ue202{}\ue201Text", "Text"),
    ],
)
def test_marks_without_metadata_are_taken_out(text: str, shown: str) -> None:
    assert take_out_marks(text, {}) == (shown, [])


def test_a_mark_that_is_no_citation_is_replaced_by_its_alternative() -> None:
    mark = "\ue200product\ue202x\ue201"
    metadata = referring({"matched_text": mark, "type": "product_entity", "alt": "**Lamp**", "items": None})
    assert take_out_marks(f"Buy {mark}!", metadata) == ("Buy **Lamp**!", [])


@pytest.mark.parametrize(
    "text", ["【重要】お知らせ", "【a】【b】", "† 1950", "x†y", "5【4", "】†【", "[1†2]", "$【$", "a \ufffd b", "plain"]
)
def test_brackets_and_daggers_of_a_text_stay(text: str) -> None:
    shown, citations = take_out_marks(text, {})
    assert (shown, list(citations)) == (text, [])


def test_what_a_person_typed_stays_as_it_is() -> None:
    text = f"What is 【1†source】 and {MARK}?"
    message = chatgpt_message("m", "user", text)
    assert read_conversation(chatgpt_chain("c", [message]), b"{}").messages[0].text == text


def test_marks_of_footnotes_and_blanks_change_nothing() -> None:
    footnote: JsonDict = {"matched_text": " ", "type": "sources_footnote", "sources": [page("a")]}
    empty: JsonDict = {"matched_text": "", "type": "hidden"}
    assert take_out_marks(f"a b{MARK}", referring(footnote, empty, reference(MARK, page("a")))) == (
        "a b",
        [Citation(3, "A", "https://a.example/", "")],
    )


odd = (
    st.none() | st.booleans() | st.integers(-2, 10) | st.floats() | st.text(max_size=3) | st.sampled_from([MARK, OTHER])
)
json_values = st.recursive(
    odd,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "matched_text",
                    "items",
                    "url",
                    "title",
                    "start_ix",
                    "metadata",
                    "extra",
                    "entries",
                    "ref_id",
                    "sources",
                    "alt",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
marked_text = st.lists(
    st.text(max_size=3)
    | st.sampled_from(
        [MARK, OTHER, "\ue200", "\ue201", "\ue202", "\ue203", "【", "†", "】", "【1†s】", "😀", "oaicite", "\r\n"]
    ),
    max_size=10,
).map("".join)


@given(
    marked_text,
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("content_references", "citations", "search_result_groups"), json_values)
    ),
)
def test_any_metadata_leave_clean_text_and_places_within_it(text: str, metadata: JsonDict) -> None:
    shown, citations = take_out_marks(text, metadata)
    assert not any("\ue200" <= character <= "\ue206" for character in shown if not metadata)
    assert all(0 <= citation.at <= utf16_length(shown) for citation in citations)
    assert [citation.at for citation in citations] == sorted(citation.at for citation in citations)
    assert all(citation.title for citation in citations)


@pytest.mark.parametrize(
    "piece", ["【" + "1" * 50, "\ue200cite", "【a†", MARK, "\ue200\ue202", ":contentReference[oaicite:"]
)
def test_many_marks_take_no_more_than_their_share(piece: str) -> None:
    """Each of these would take minutes if a mark cost more the longer the text is."""
    references = [reference(MARK, *(page("a") for _ in range(20)))] * 2000
    text = piece * 8_000
    shown, _ = take_out_marks(
        text,
        referring(*references)
        | {"citations": [{"start_ix": n, "end_ix": len(text), "metadata": page("b")} for n in range(2000)]},
    )
    assert len(shown) <= len(text)
