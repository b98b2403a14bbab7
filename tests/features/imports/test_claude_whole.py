"""Conversations of Claude: a whole chat of each kind."""

from chatsynth.features.imports.canonical import (
    Artifact,
    Citation,
    File,
    Image,
    Thinking,
    ToolCall,
    ToolResult,
)
from tests.features.imports.conversations import links
from tests.features.imports.conversations import message_of_claude as read_one
from tests.features.imports.conversations import read_claude as read
from tests.features.imports.exports import (
    CLAUDE_ROOT,
    JsonDict,
    claude_chat,
    claude_message,
    claude_text,
)


def use(tool: str, **given: object) -> JsonDict:
    return {
        "type": "tool_use",
        "id": "toolu_1",
        "name": tool,
        "input": given,
        "message": None,
        "integration_name": None,
    }


def result(tool: str, *content: JsonDict, failed: bool = False) -> JsonDict:
    return {"type": "tool_result", "tool_use_id": "toolu_1", "name": tool, "content": [*content], "is_error": failed}


def test_files_that_claude_writes_are_documents() -> None:
    path = "/home/claude/plan.md"
    message = read_one(
        [
            use("create_file", path=path, file_text="# Plan\nEat", description="A plan"),
            result("create_file", {"type": "text", "text": "File created"}),
            use("str_replace", path=path, old_str="Eat", new_str="Sleep", description="Better"),
            use("str_replace", path="/elsewhere", old_str="Eat", new_str="Sleep"),
            use("create_file", path="/tmp/a.py", file_text=None),
            use("create_file", path="/tmp/a.py", file_text="x = 1"),
            use("bash_tool", command="ls", description="Look"),
            use("present_files", filepaths=[path]),
        ]
    )
    assert message.parts == (
        Artifact(0, "plan.md", "text/markdown", "# Plan\nEat"),
        ToolResult(0, "File created", name="create_file"),
        Artifact(0, "plan.md", "text/markdown", "# Plan\nSleep"),
        ToolCall(0, "str_replace", '{"path":"/elsewhere","old_str":"Eat","new_str":"Sleep"}', "json"),
        ToolCall(0, "create_file", '{"path":"/tmp/a.py","file_text":null}', "json"),
        Artifact(0, "a.py", "code/py", "x = 1"),
        ToolCall(0, "bash_tool", "ls", "bash"),
        ToolCall(0, "present_files", '{"filepaths":["/home/claude/plan.md"]}', "json"),
    )


def test_a_research_of_claude_has_its_thinking_searches_and_sources() -> None:
    page: JsonDict = {
        "type": "knowledge",
        "title": "Moon",
        "url": "https://moon.example",
        "text": "Twice",
        "metadata": {},
    }
    citation = {
        "uuid": "x",
        "start_index": 0,
        "end_index": 11,
        "details": {"type": "web_search_citation", "url": page["url"]},
    }
    message = read_one(
        [
            {"type": "thinking", "thinking": "Look it up.", "summaries": [{"summary": "Looking"}], "cut_off": False},
            use("web_search", query="tides"),
            result("web_search", page),
            claude_text("Twice a day, because of the moon.", citations=[citation]),
            use("web_fetch", url="https://gone.example"),
            result("web_fetch", {"type": "text", "text": "404"}, failed=True),
            claude_text("The other page is gone."),
        ]
    )
    assert message.text == "Twice a day, because of the moon.\n\nThe other page is gone."
    assert message.parts == (
        Thinking(0, "Look it up.", summary="Looking"),
        ToolCall(0, "web_search", '{"query":"tides"}', "json"),
        ToolResult(0, "Moon\nhttps://moon.example\nTwice", name="web_search"),
        Citation(11, "Moon", "https://moon.example", ""),
        ToolCall(33, "web_fetch", '{"url":"https://gone.example"}', "json"),
        ToolResult(33, "404", name="web_fetch", is_error=True),
    )


def test_a_chat_of_a_project_with_branches_from_the_all_zero_root() -> None:
    nowhere = CLAUDE_ROOT
    messages = [
        claude_message("q", "human", "Read this", nowhere)
        | {
            "attachments": [{"file_name": "", "file_size": 4, "file_type": "txt", "extracted_content": "Once upon"}],
            "files": [{"file_uuid": "f", "file_name": "chart.png"}],
            "files_v2": [{"file_kind": "image", "file_uuid": "f", "file_name": "chart.png"}],
        },
        claude_message("a1", "assistant", "One", "q"),
        claude_message("a2", "assistant", "Two", "q"),
        claude_message("q2", "human", "Again", nowhere),
    ]
    conversation = read(claude_chat("c", messages, project={"uuid": "p", "name": "Reading"}))
    assert links(conversation) == [("q", None), ("a1", "q"), ("a2", "q"), ("q2", None)]
    assert conversation.messages[0].parts == (
        File(0, "Pasted text", size=4, mime_type="txt", text="Once upon"),
        Image(0, "chart.png", ""),
    )
    assert not conversation.unknown
