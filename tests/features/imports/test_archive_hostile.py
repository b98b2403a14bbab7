"""Archives that were built to do harm cost nothing but their own import."""

import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatsynth.features.imports.limits import Limits
from chatsynth.features.imports.reader import check_export
from tests.features.imports.exports import (
    chatgpt_chain,
    chatgpt_export,
    chatgpt_message,
)
from tests.features.imports.reading import (
    CHAT,
    refusal_of,
    titled,
    titles_in,
    written,
    zipped,
)


def repeating(size: int) -> Iterator[bytes]:
    """A JSON list of one conversation of `size` bytes, all the same letter."""
    before, after = json.dumps([chatgpt_chain("c", [chatgpt_message("m", "user", "@")])]).encode().split(b"@")
    yield before
    yield from (b"x" * min(2**20, size - done) for done in range(0, size, 2**20))
    yield after


def bomb(path: Path, size: int, name: str = "conversations.json") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as member:
        for piece in repeating(size):
            member.write(piece)
    return path


def test_a_bomb_is_refused_by_its_ratio_before_it_is_unpacked(tmp_path: Path) -> None:
    limits = Limits(ratio_applies_above=2**20)
    assert refusal_of(bomb(tmp_path / "a.zip", 8 * 2**20), limits).code == "archive-bomb"


def test_a_bomb_that_lies_about_its_sizes_is_refused_all_the_same(tmp_path: Path) -> None:
    path = bomb(tmp_path / "a.zip", 8 * 2**20)
    data = bytearray(path.read_bytes())
    entry = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 20, 2**30)  # claims to be packed badly
    path.write_bytes(data)
    assert refusal_of(path, Limits(ratio_applies_above=2**20)).code in ("archive-bomb", "archive-damaged")


def test_what_is_larger_than_the_limits_is_refused(tmp_path: Path) -> None:
    path = bomb(tmp_path / "a.zip", 3 * 2**20)
    assert refusal_of(path, Limits(max_file_bytes=2**21)).code == "export-too-large"
    shards: dict[str, object] = {f"conversations-{n}.json": [titled("x" * 400_000)] for n in range(5)}
    assert refusal_of(zipped(tmp_path / "b.zip", shards), Limits(max_total_bytes=2**20)).code == "export-too-large"


def test_too_many_files_or_conversations_are_refused(tmp_path: Path) -> None:
    members: dict[str, object] = {f"{n}.png": "" for n in range(20)}
    path = zipped(tmp_path / "a.zip", members | {"conversations.json": [titled(str(n)) for n in range(20)]})
    assert refusal_of(path, Limits(max_files=10)).code == "too-many-files"
    assert refusal_of(path, Limits(max_directory_bytes=100)).code == "too-many-files"
    assert refusal_of(path, Limits(max_conversations=19)).code == "too-many-conversations"
    folder = tmp_path / "folder"
    folder.mkdir()
    for n in range(12):
        written(folder / f"{n}.json", CHAT)
    assert refusal_of(folder, Limits(max_files=10)).code == "too-many-files"


@pytest.mark.parametrize(
    "name",
    [
        "../conversations.json",
        "/etc/conversations.json",
        "a/../../conversations.json",
        "..\\conversations.json",
        "C:\\conversations.json",
    ],
)
def test_names_that_lead_out_of_the_archive_are_not_read(name: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {name: [titled("evil")], "conversations.json": [titled("good")]})
    assert titles_in(path) == ["good"]
    assert "points out" in check_export(path, Limits()).ignored_files[0].reason
    assert refusal_of(zipped(tmp_path / "b.zip", {name: [titled("evil")]})).code == "unsupported-format"


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = written(tmp_path / "secret.json", [titled("secret")])
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("conversations-1.json")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(secret))
        archive.writestr("conversations.json", json.dumps([CHAT]))
    assert titles_in(path) == ["A chat"]
    assert "link" in check_export(path, Limits()).ignored_files[0].reason

    folder = tmp_path / "folder"
    folder.mkdir()
    written(folder / "conversations.json", [CHAT])
    (folder / "conversations-1.json").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    assert titles_in(folder) == ["A chat"]


def patched(path: Path, change: Callable[[bytearray, int, int], None]) -> Path:
    """Changes the headers of the first member: gets the data and where its two headers are."""
    data = bytearray(path.read_bytes())
    change(data, data.find(b"PK\x03\x04"), data.find(b"PK\x01\x02"))
    path.write_bytes(data)
    return path


def test_a_password_is_told(tmp_path: Path) -> None:
    def encrypt(data: bytearray, local: int, central: int) -> None:
        data[local + 6] |= 1
        data[central + 8] |= 1

    assert (
        refusal_of(patched(zipped(tmp_path / "a.zip", {"conversations.json": [CHAT]}), encrypt)).code
        == "archive-encrypted"
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 9])
def test_unusual_packing_is_told(method: int, tmp_path: Path) -> None:
    def pack(data: bytearray, local: int, central: int) -> None:
        struct.pack_into("<H", data, local + 8, method)
        struct.pack_into("<H", data, central + 10, method)

    path = patched(zipped(tmp_path / "a.zip", {"conversations.json": [CHAT]}), pack)
    assert refusal_of(path).code == "archive-compression"


def test_a_member_without_a_name_is_ignored(tmp_path: Path) -> None:
    def unname(data: bytearray, local: int, central: int) -> None:
        data[local + 30] = data[central + 46] = 0

    path = patched(zipped(tmp_path / "a.zip", {"?.png": b"", "conversations.json": [CHAT]}), unname)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["", "conversations.json"]
    assert titles_in(path) == ["A chat"]


def test_a_wrong_checksum_is_told(tmp_path: Path) -> None:
    def forge(data: bytearray, local: int, central: int) -> None:
        data[local + 14] ^= 255
        data[central + 16] ^= 255

    assert (
        refusal_of(patched(zipped(tmp_path / "a.zip", {"conversations.json": [CHAT]}), forge)).code == "archive-damaged"
    )


def test_names_longer_than_a_file_system_allows_are_no_trouble(tmp_path: Path) -> None:
    long = "n" * 60_000
    path = zipped(tmp_path / "a.zip", {f"{long}/conversations.json": [CHAT], f"{long}.png": "", "a\nb\x1b[31m.png": ""})
    assert titles_in(path) == ["A chat"]
    assert all(
        len(ignored.name) <= 200 and ignored.name.isprintable()
        for ignored in check_export(path, Limits()).ignored_files
    )


def test_account_data_are_never_opened(tmp_path: Path) -> None:
    members: dict[str, object] = {
        "ttl/prod-mc-auth-mgmt-api.json": [CHAT],
        "user.json": [CHAT],
        "conversations.json": [CHAT],
    }
    path = zipped(tmp_path / "a.zip", members)
    assert {ignored.reason for ignored in check_export(path, Limits()).ignored_files} == {"account data are never read"}
    del members["conversations.json"]
    assert refusal_of(zipped(tmp_path / "b.zip", members)).code == "unsupported-format"


def test_zip64_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)  # so that a small zip gets the directory of a large one
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("conversations.json", "w", force_zip64=True) as member:
            member.write(json.dumps([CHAT]).encode())
        for n in range(20):
            archive.writestr(f"{n}.png", b"")
    assert b"PK\x06\x06" in path.read_bytes()
    assert titles_in(path) == ["A chat"]
    assert refusal_of(path, Limits(max_directory_bytes=1000)).code == "too-many-files"


def test_a_zip_cut_off_anywhere_is_told(tmp_path: Path) -> None:
    data = chatgpt_export(tmp_path / "whole.zip", conversations=3).path.read_bytes()
    for size in (4, 30, 100, len(data) // 2, len(data) - 30, len(data) - 1):
        assert refusal_of(written(tmp_path / "a.zip", data[:size])).code == "archive-damaged"
