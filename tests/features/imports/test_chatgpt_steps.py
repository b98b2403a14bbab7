"""What ChatGPT did on the way to an answer: each step is a message of its own, with parts that are shown folded."""

import json
from collections.abc import Sequence

import pytest

from chatsynth.features.imports.canonical import (
    Artifact,
    Badge,
    Citation,
    Error,
    Image,
    Message,
    Part,
    Thinking,
    ToolCall,
    ToolResult,
)
from chatsynth.features.imports.chatgpt import read_conversation
from tests.features.imports.exports import JsonDict, chatgpt_chain, chatgpt_message, chatgpt_tree


def by_tool(name: str) -> JsonDict:
    return {"role": "tool", "name": name, "metadata": {}}


def call(message_id: str, tool: str, written: str, *, kind: str = "code") -> JsonDict:
    content: JsonDict = {"content_type": "code", "language": "unknown", "response_format_name": None, "text": written}
    if kind == "text":
        content = {"content_type": "text", "parts": [written]}
    return chatgpt_message(message_id, "assistant", content, recipient=tool, end_turn=False)


def answer(message_id: str, tool: str, content: object, **fields: object) -> JsonDict:
    return chatgpt_message(message_id, "tool", content, author=by_tool(tool), **fields)


def read(*messages: JsonDict) -> Sequence[Message]:
    """The messages of a chat, in which nothing is unknown."""
    return read_tree(chatgpt_chain("c", list(messages)))


def read_tree(source: JsonDict) -> Sequence[Message]:
    conversation = read_conversation(json.loads(json.dumps(source)), b"{}")
    assert not conversation.unknown
    return conversation.messages


def shown(*messages: JsonDict) -> list[tuple[str, Part | str]]:
    """What a reader sees, in order: of each message that is not hidden its text or its parts, with its role."""
    found = [message for message in read(*messages) if not message.hidden]
    return [(each.role, seen) for each in found for seen in ([each.text] if each.text else []) + list(each.parts)]


QUESTION = chatgpt_message("q", "user", "Go on.")
SAID = ("user", "Go on.")


def test_code_interpreter_shows_the_code_its_output_and_the_plot() -> None:
    image = {"message_type": "image", "image_url": "file-service://file-plot", "width": 8, "height": 6}
    run = {"status": "success", "messages": [{"message_type": "stream", "text": "45"}, image]}
    assert shown(
        QUESTION,
        call("c", "python", "print(sum(range(10)))"),
        answer("r", "python", {"content_type": "execution_output", "text": "45"}, metadata={"aggregate_result": run}),
        chatgpt_message("a", "assistant", "It is 45."),
    ) == [
        SAID,
        ("assistant", ToolCall(0, "python", "print(sum(range(10)))", "python")),
        ("tool", ToolResult(0, "45", name="python")),
        ("tool", Image(0, "file-plot", "", width=8, height=6)),
        ("assistant", "It is 45."),
    ]


def test_reasoning_of_the_o_models_is_thinking_with_a_badge() -> None:
    thoughts = [{"summary": "Weighing", "content": "First A, then B.", "chunks": [], "finished": True}]
    assert shown(
        QUESTION,
        chatgpt_message(
            "t", "assistant", {"content_type": "thoughts", "thoughts": thoughts, "source_analysis_msg_id": "x"}
        ),
        chatgpt_message("r", "assistant", {"content_type": "reasoning_recap", "content": "Thought for 7s"}),
        chatgpt_message("a", "assistant", "B.", metadata={"finished_duration_sec": 7, "reasoning_title": "Weighing"}),
    ) == [
        SAID,
        ("assistant", Thinking(0, "First A, then B.", summary="Weighing")),
        ("assistant", Badge(0, "Thought for 7s")),
        ("assistant", "B."),
    ]


def test_a_web_search_shows_its_query_and_what_was_found() -> None:
    query = '{"search_query":[{"q":"tides of lisbon"}],"response_length":"short"}'
    cited = "High at noon \ue200cite\ue202turn0search0\ue201."
    page = {"title": "Tides", "url": "https://tides.example/lisbon", "snippet": "High at noon"}
    reference = {"matched_text": "\ue200cite\ue202turn0search0\ue201", "items": [page], "type": "grouped_webpages"}
    assert shown(
        QUESTION,
        call("c", "web.run", query),
        answer("r", "web.run", {"content_type": "text", "parts": ["Tides\nhttps://tides.example/lisbon"]}),
        chatgpt_message("a", "assistant", cited, metadata={"content_references": [reference]}),
    ) == [
        SAID,
        ("assistant", ToolCall(0, "web.run", query, "json")),
        ("tool", ToolResult(0, "Tides\nhttps://tides.example/lisbon", name="web.run")),
        ("assistant", "High at noon ."),
        ("assistant", Citation(13, "Tides", "https://tides.example/lisbon", "High at noon")),
    ]


def test_browsing_of_2023_shows_its_search_the_list_and_the_quotes() -> None:
    display = {"content_type": "tether_browsing_display", "result": "# [0] Tides", "summary": "", "assets": None}
    quote = {
        "content_type": "tether_quote",
        "url": "https://t.example",
        "domain": "t.example",
        "text": "Noon",
        "title": "T",
    }
    failed = {"content_type": "system_error", "name": "tool_error", "text": "Error when executing: Timeout"}
    assert shown(
        QUESTION,
        call("c", "browser", 'search("tides")'),
        answer("r", "browser", display, metadata={"command": "search", "args": ["tides"]}),
        answer("f", "browser", failed),
        answer("s", "browser", quote),
    ) == [
        SAID,
        ("assistant", ToolCall(0, "browser", 'search("tides")')),
        ("tool", ToolResult(0, "# [0] Tides", name="browser")),
        ("tool", Error(0, "tool_error", "Error when executing: Timeout")),
        ("tool", Citation(0, "T", "https://t.example", "Noon")),
    ]


@pytest.mark.parametrize("tool", ["dalle.text2im", "t2uay3k.sj1i4kz", "image_gen.text2im"])
def test_a_picture_shows_what_was_asked_for(tool: str) -> None:
    prompt = '{"size":"1024x1024","prompt":"A lamp"}'
    image = {
        "content_type": "image_asset_pointer",
        "asset_pointer": "sediment://file_lamp",
        "size_bytes": 1,
        "width": 1024,
        "height": 1024,
        "metadata": {"dalle": {"gen_id": "g", "prompt": "A brass lamp", "seed": 1}, "generation": None},
    }
    assert shown(
        QUESTION,
        call("c", tool, prompt),
        answer("r", tool, {"content_type": "multimodal_text", "parts": [image]}),
        answer("n", tool, "GPT-4o returned 1 images.", metadata={"is_visually_hidden_from_conversation": True}),
    ) == [
        SAID,
        ("assistant", ToolCall(0, tool, prompt, "json")),
        ("tool", Image(0, "file_lamp", "A brass lamp", width=1024, height=1024)),
    ]


def test_memory_and_a_custom_gpt_s_action_are_steps() -> None:
    assert shown(
        QUESTION,
        call("b", "bio", "Likes tea.", kind="text"),
        answer("s", "bio", "Model set context updated."),
        call("g", "weather_example__jit_plugin.getWeather", '{"city":"Porto"}', kind="text"),
        answer(
            "w", "weather_example__jit_plugin.getWeather", {"content_type": "code", "language": "json", "text": "{}"}
        ),
    )[1:4] == [
        ("assistant", ToolCall(0, "bio", "Likes tea.")),
        ("tool", ToolResult(0, "Model set context updated.", name="bio")),
        ("assistant", ToolCall(0, "weather_example__jit_plugin.getWeather", '{"city":"Porto"}', "json")),
    ]


def test_file_search_folds_what_it_read_of_the_file() -> None:
    found = {"content_type": "multimodal_text", "parts": ["<PARSED TEXT FOR PAGE: 1 / 3>\nA long text", "More"]}
    assert shown(QUESTION, answer("r", "file_search", found)) == [
        SAID,
        ("tool", ToolResult(0, "<PARSED TEXT FOR PAGE: 1 / 3>\nA long text", name="file_search")),
        ("tool", ToolResult(0, "More", name="file_search")),
    ]


def test_instructions_and_contexts_stay_hidden() -> None:
    profile = {"content_type": "user_editable_context", "user_profile": "I cook", "user_instructions": "Be brief"}
    memory = {"content_type": "model_editable_context", "model_set_context": "Likes tea", "repository": None}
    messages = read(
        chatgpt_message("s", "system", "Be kind."),
        chatgpt_message("p", "user", profile, metadata={"is_user_system_message": True}),
        chatgpt_message("m", "assistant", memory),
        chatgpt_message("d", "developer", "Be brief."),
        QUESTION,
    )
    assert [(message.source_id, message.hidden) for message in messages] == [
        ("s", True),
        ("p", True),
        ("m", True),
        ("d", True),
        ("q", False),
    ]
    assert all(message.text for message in messages)


# Canvas -----------------------------------------------------------------------------------------


def create(message_id: str, content: str, kind: str = "document") -> JsonDict:
    return call(message_id, "canmore.create_textdoc", json.dumps({"name": "Plan", "type": kind, "content": content}))


def update(message_id: str, *updates: tuple[str, str] | JsonDict) -> JsonDict:
    listed = [
        {"pattern": each[0], "multiple": False, "replacement": each[1]} if isinstance(each, tuple) else each
        for each in updates
    ]
    return call(message_id, "canmore.update_textdoc", json.dumps({"updates": listed}))


def documents(*messages: JsonDict) -> list[str | None]:
    """The text of the document after each call; None where the call itself is shown."""
    parts = [part for message in read(*messages) for part in message.parts]
    assert all(isinstance(part, Artifact | ToolCall) for part in parts)
    return [part.text if isinstance(part, Artifact) else None for part in parts]


def test_a_canvas_document_is_shown_as_it_is_after_each_call() -> None:
    saved = answer("r", "canmore.create_textdoc", "Successfully created text document with ID: 1")
    assert shown(QUESTION, create("c", "# Plan\nEat."), saved, update("u", ("Eat", "Sleep"))) == [
        SAID,
        ("assistant", Artifact(0, "Plan", "document", "# Plan\nEat.")),
        ("tool", ToolResult(0, "Successfully created text document with ID: 1", name="canmore.create_textdoc")),
        ("assistant", Artifact(0, "Plan", "document", "# Plan\nSleep.")),
    ]


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ((".*", "New"), "New"),
        (("a.b", "x"), "x c a.b"),
        ((r"a\.b", "x"), "x c a.b"),
        ({"pattern": r"a\.b", "multiple": True, "replacement": "x"}, "x c x"),
        ((r"c a\.b$", "x"), None),
        ((r"(a+)+$", "x"), None),
        ((r"c*\.", "x"), None),
        (("a.b c", "\\1 x"), "\\1 x a.b"),
        (("nowhere", "x"), None),
        (("", "x"), None),
        ({"pattern": "c", "replacement": None}, None),
        ({"pattern": ["c"], "replacement": "x"}, None),
    ],
)
def test_updates_of_plain_words_are_carried_out_and_others_shown(
    change: JsonDict | tuple[str, str], after: str | None
) -> None:
    assert documents(create("c", "a.b c a.b"), update("u", change)) == ["a.b c a.b", after]


def test_what_follows_a_change_that_is_unknown_is_not_guessed() -> None:
    lost = update("u1", ("(x|y)+", "z"))
    whole = update("u3", (".*", "C"))
    assert documents(create("c", "A"), lost, update("u2", ("A", "B")), whole) == ["A", None, None, "C"]
    assert documents(create("c", "A"), lost, create("d", "D"), update("u2", ("D", "E"))) == ["A", None, "D", "E"]


@pytest.mark.parametrize("written", ["{", "[]", '{"name": "x"}', '{"content": 5}', "no json", "[" * 100_000])
def test_a_call_that_is_not_as_it_should_be_is_shown_as_it_came(written: str) -> None:
    (message,) = read(call("c", "canmore.create_textdoc", written))
    assert [type(part) for part in message.parts] == [ToolCall]
    assert not message.hidden


def test_every_branch_has_its_own_document() -> None:
    messages = read_tree(
        chatgpt_tree(
            "c",
            [
                (None, create("c", "A")),
                ("c", update("u1", ("A", "B"))),
                ("c", update("u2", ("A", "C"))),
                ("u1", update("u3", ("B", "D"))),
            ],
        )
    )
    found = {m.source_id: part.text for m in messages for part in m.parts if isinstance(part, Artifact)}
    assert found == {"c": "A", "u1": "B", "u3": "D", "u2": "C"}


def test_comments_on_a_canvas_are_shown_as_a_call() -> None:
    comments = '{"comments":[{"pattern":"A","comment":"Why?"}]}'
    assert documents(create("c", "A"), call("k", "canmore.comment_textdoc", comments), update("u", ("A", "B"))) == [
        "A",
        None,
        "B",
    ]


def test_a_change_that_would_fill_the_memory_is_not_carried_out() -> None:
    everywhere: JsonDict = {"pattern": "x", "multiple": True, "replacement": "y" * 100_000}
    assert documents(create("c", "x" * 100_000), update("u", everywhere))[1] is None


def test_many_changes_of_a_long_document_end() -> None:
    long = "x" * 1_000_000
    (message,) = read(update("u", *[("nowhere", "y")] * 10))
    assert len(message.parts) == 1
    assert documents(create("c", long), *(update(f"u{n}", ("never", "y")) for n in range(100)))[0] == long


# Deep research ----------------------------------------------------------------------------------

MARK = "\ue200cite\ue202turn1search2\ue201"
REPORT: JsonDict = {
    "id": "report",
    "author": {"role": "assistant"},
    "content": {"content_type": "text", "parts": [f"# Tides\n\nTwice a day{MARK}."]},
    "metadata": {
        "content_references": [{"matched_text": MARK, "items": [{"title": "Moon", "url": "https://moon.example"}]}],
        "is_visually_hidden_from_conversation": True,
    },
}


def carried(**sdk: object) -> JsonDict:
    """The hidden message of a tool that carries the state of the widget."""
    metadata = {"is_visually_hidden_from_conversation": True, "chatgpt_sdk": sdk}
    return answer("w", "api_tool.call_tool", "The latest state of the widget is: …", metadata=metadata)


@pytest.mark.parametrize(
    "sdk",
    [
        {"widget_state": json.dumps({"status": "completed", "report_message": REPORT})},
        {"widget_state": {"report_message": REPORT}},
        {"tool_response_metadata": {"venus_widget_state": {"report_message": REPORT}}},
    ],
)
def test_the_report_of_a_deep_research_is_an_answer(sdk: JsonDict) -> None:
    assert shown(QUESTION, carried(**sdk)) == [
        SAID,
        ("assistant", "# Tides\n\nTwice a day."),
        ("assistant", Citation(20, "Moon", "https://moon.example", "")),
    ]


@pytest.mark.parametrize(
    "sdk",
    [
        {"widget_state": "{"},
        {"widget_state": "[" * 100_000},
        {"widget_state": json.dumps({"status": "running", "report_message": None})},
        {"widget_state": {"report_message": {"content": {"parts": [None, "", 5]}}}},
        {"widget_state": 7, "tool_response_metadata": []},
    ],
)
def test_a_widget_without_a_report_stays_hidden(sdk: JsonDict) -> None:
    assert shown(QUESTION, carried(**sdk)) == [SAID]


def test_an_older_deep_research_is_a_call_and_an_answer_with_its_sources() -> None:
    cited = "Twice a day【3†L1-L2】."
    page = {"type": "webpage", "title": "Moon", "url": "https://moon.example", "text": "Twice"}
    citation = {"start_ix": 11, "end_ix": 20, "citation_format_type": "tether_og", "metadata": page}
    done = {"citations": [citation], "is_async_task_result_message": True, "async_task_id": "d"}
    assert shown(
        QUESTION,
        call("c", "research_kickoff_tool.start_research_task", '{"prompt":"tides"}'),
        answer("r", "research_kickoff_tool.start_research_task", "{}"),
        chatgpt_message("a", "assistant", cited, metadata=done),
    )[-2:] == [("assistant", "Twice a day."), ("assistant", Citation(11, "Moon", "https://moon.example", "Twice"))]
