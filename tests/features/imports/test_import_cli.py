"""`chatsynth import` as scripts and people run it."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.features.imports.exports import chatgpt_export
from tests.harness.live_client import LiveClient
from tests.harness.people import sign_up
from tests.harness.running_server import running_server

PASSWORD = "correct horse battery"
EMAIL = "ann@example.org"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    added = chatsynth("user", "add", EMAIL, "--data", str(data), stdin=PASSWORD)
    assert added.returncode == 0, added.stderr
    return data


def command(*arguments: str) -> Sequence[str]:
    return [sys.executable, "-W", "error", "-m", "chatsynth", *arguments]


def chatsynth(*arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(*arguments), input=stdin, capture_output=True, text=True, check=False)


def import_file(path: Path, data: Path, *more: str, email: str = EMAIL) -> "subprocess.CompletedProcess[str]":
    return chatsynth("import", str(path), "--user", email, "--data", str(data), *more)


def rows(data: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "chatsynth.sqlite3")) as db:
        return db.execute(query).fetchall()


def test_the_report_is_readable(data: Path, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "mine.zip", conversations=4)
    done = import_file(made.path, data)
    assert done.returncode == 0
    assert done.stderr == "", "no progress bar where there is no terminal"
    assert "Imported “mine.zip” (ChatGPT)." in done.stdout
    assert f"messages     {made.messages}" in done.stdout
    assert made.path.exists()


def test_json_is_one_object_with_the_report(data: Path, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "folder", conversations=4, layout="shards", shard_size=2)
    done = import_file(made.path, data, "--json")
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert (report["state"], report["conversations"]["imported"]) == ("done", 4)
    assert report["messages"]["found"] == made.messages
    assert isinstance(report["id"], int)


@pytest.mark.parametrize(
    ("name", "email", "sentence"),
    [
        ("gone.zip", EMAIL, "There is no file"),
        ("there.json", "nobody@example.org", "nobody@example.org"),
        ("there.json", EMAIL, "neither a zip nor JSON"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    data: Path, tmp_path: Path, name: str, email: str, sentence: str
) -> None:
    (tmp_path / "there.json").write_text("hello")
    failed = import_file(tmp_path / name, data, email=email)
    assert failed.returncode == 1
    assert sentence in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stderr


def test_ctrl_c_ends_it_cleanly_and_importing_again_completes_it(data: Path, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "export.json", conversations=1500)
    arguments = command("import", str(made.path), "--user", EMAIL, "--data", str(data), "--json")
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    while process.poll() is None and not rows(data, "SELECT 1 FROM imports WHERE state = 'importing'"):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    assert process.returncode == 130
    report = json.loads(output)
    assert report["state"] == "cancelled"
    assert report["conversations"]["found"] == 1500
    again = json.loads(import_file(made.path, data, "--json").stdout)
    assert again["conversations"]["imported"] + report["conversations"]["imported"] == 1500
    assert rows(data, "SELECT count(*) FROM messages") == [(made.messages,)]


@pytest.mark.anyio
async def test_open_pages_of_a_running_server_see_the_chats_arrive(tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "export.json", conversations=5)
    with running_server(tmp_path / "data") as server:
        ann = sign_up(server, "Ann")
        tab = await LiveClient.open(ann)
        await tab.hello(ann.get("/api/chats"))
        imported = await asyncio.to_thread(import_file, made.path, server.data, email=ann.email)
        assert imported.returncode == 0
        notified = await tab.wait_for("notification")
        assert notified["notification"]["level"] == "success"
        listed = [chat for frame in tab.frames if frame["type"] == "chats_listed" for chat in frame["chats"]]
        assert len({chat["id"] for chat in listed}) == 5
        await tab.close()
