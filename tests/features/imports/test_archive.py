"""Whole exports are found and read completely, in every layout."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chatsynth.features.imports.limits import Limits
from chatsynth.features.imports.reader import Parsed, check_export, open_export
from tests.features.imports.exports import Layout, Made, chatgpt_export, claude_chat, claude_export, claude_message
from tests.features.imports.reading import CHAT, count_of, found_in, titled, titles_in, written, zipped

Maker = Callable[..., Made]


@pytest.mark.parametrize("maker", [chatgpt_export, claude_export])
@pytest.mark.parametrize("layout", ["array", "wrapped", "shards", "single"])
@pytest.mark.parametrize("name", ["export.zip", "folder", "export.json"])
def test_every_layout_is_read_completely(maker: Maker, layout: Layout, name: str, tmp_path: Path) -> None:
    if name == "export.json" and layout == "shards":
        layout = "array"
    made = maker(tmp_path / name, conversations=7, layout=layout, shard_size=3, seed=3)
    found = found_in(made.path)
    assert all(isinstance(one, Parsed) for one in found)
    assert (len(found), sum(map(count_of, found))) == (made.conversations, made.messages)


def test_the_order_is_that_of_the_shards_by_number(tmp_path: Path) -> None:
    shards: dict[str, object] = {f"export/conversations-{n}.json": [titled(str(n))] for n in (10, 2, 1, 0)}
    assert titles_in(zipped(tmp_path / "a.zip", shards)) == ["0", "1", "2", "10"]


def test_files_in_a_folder_within_the_zip_are_found(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"My export/deeper/conversations.json": [CHAT]})
    assert titles_in(path) == ["A chat"]


def test_a_folder_of_captured_conversations_is_read_whatever_their_names(tmp_path: Path) -> None:
    written(tmp_path / "b.json", titled("b"))
    written(tmp_path / "a.json", claude_chat("x", [claude_message("m", "human", "Hi")], name="a"))
    written(tmp_path / "notes.json", {"notes": []})
    written(tmp_path / "broken.json", b'{"a"')
    assert titles_in(tmp_path) == ["a", "b"]
    assert {(ignored.name, ignored.reason) for ignored in check_export(tmp_path, Limits()).ignored_files} == {
        ("notes.json", "it holds no conversations"),
        ("broken.json", "it holds no conversations"),
    }


def test_an_export_that_was_attached_to_a_chat_is_not_imported(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.zip", {"conversations.json": [titled("mine")], "file-abc-friend.json": [titled("other")]}
    )
    assert titles_in(path) == ["mine"]
    assert "attached" in check_export(path, Limits()).ignored_files[0].reason


def test_what_else_is_in_an_export_is_listed_and_counted(tmp_path: Path) -> None:
    made = claude_export(tmp_path / "claude.zip", conversations=2)
    summary = check_export(made.path, Limits())
    assert summary.not_imported == {"projects": 1}
    assert {(ignored.name, ignored.reason) for ignored in summary.ignored_files} == {
        ("projects.json", "it holds projects, which are not imported yet"),
        ("users.json", "account data are never read"),
    }
    assert (summary.platform, summary.conversations_found, summary.messages_found) == ("claude", 2, made.messages)


def test_of_very_many_ignored_files_all_are_counted(tmp_path: Path) -> None:
    members: dict[str, object] = {f"dalle-generations/{n}.webp": "" for n in range(1200)}
    summary = check_export(zipped(tmp_path / "a.zip", members | {"conversations.json": [CHAT]}), Limits())
    assert (len(summary.ignored_files), summary.ignored_files_total) == (1000, 1200)


def test_progress_goes_up_to_the_end(tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "a.zip", conversations=50, layout="shards", shard_size=5)
    seen: list[tuple[int, int]] = []
    check_export(made.path, Limits(), lambda done, total: seen.append((done, total)))
    assert len(seen) == 50
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]


def test_a_second_reading_finds_the_same_in_the_same_order(tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "a.zip", conversations=12, layout="shards", shard_size=5)
    assert found_in(made.path) == found_in(made.path)
    with open_export(made.path, Limits()) as export:
        assert list(export.conversations()) == list(export.conversations())


def test_nothing_is_left_open_or_written(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"../conversations.json": [CHAT], "conversations.json": [CHAT]})
    with open_export(path, Limits()) as export:
        next(export.conversations())
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.zip"]
    assert not (tmp_path.parent / "conversations.json").exists()
