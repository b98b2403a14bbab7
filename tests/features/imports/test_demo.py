"""The demo library: it is imported like any export, and shows what the page can show."""

import pytest

from chatsynth.features.imports.demo import DEMO_LIBRARY, queue_demo
from chatsynth.features.imports.leases import claim_next
from tests.features.imports.importing import LEASE, Library, assert_adds_up, counts


@pytest.fixture
def demo(library: Library) -> Library:
    job = library.context.writer.run(lambda unit: queue_demo(unit, library.user_id))
    assert library.context.writer.run(lambda unit: claim_next(unit, LEASE)) == job.id
    job = library.run(job.id)
    assert (job.state, job.filename) == ("done", "Demo library")
    assert job.report is not None
    assert_adds_up(job.report)
    assert job.report.skips == ()
    assert job.report.unknown_content == {}
    assert job.report.ignored_files == ()
    return library


def test_it_has_chats_of_both_platforms_and_an_archived_one(demo: Library) -> None:
    platforms = demo.column("SELECT platform FROM chats")
    assert 8 <= len(platforms) <= 14
    assert set(platforms) == {"chatgpt", "claude"}
    assert demo.column("SELECT count(*) FROM chats WHERE archived_at IS NOT NULL") == [1]


def test_it_shows_code_maths_tables_tools_thinking_branches_and_scripts(demo: Library) -> None:
    chats = [demo.chat_numbered(number) for number in demo.column("SELECT id FROM chats") if isinstance(number, int)]
    messages = [message for chat in chats for message in chat.messages]
    text = "\n".join(message.content for message in messages)
    for wanted in ("```python", "```tsx", "$$", "|---|", "落ち葉", "أوراقٌ", "🍂"):
        assert wanted in text
    kinds = {part.type for message in messages for part in message.parts}
    assert {"thinking", "tool_call", "tool_result", "artifact", "citation"} <= kinds
    assert any(message.siblings for message in messages)
    assert max(len(chat.messages) for chat in chats) > 50


def test_importing_it_again_adds_nothing(demo: Library) -> None:
    before = demo.contents()
    report = demo.import_file(DEMO_LIBRARY)
    assert report.conversations == counts(found=demo.count("chats"), unchanged=demo.count("chats"))
    assert demo.contents() == before
