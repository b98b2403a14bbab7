"""`/api/imports` on a real server, with the worker processes that it starts."""

import asyncio
import json
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.features.imports.exports import chatgpt_chain, chatgpt_export, chatgpt_message
from tests.harness.json_types import JsonDict
from tests.harness.live_client import LiveClient
from tests.harness.people import Person, sign_up
from tests.harness.running_server import RunningServer, running_server

PATIENCE_S = 60.0
MOST_UPLOAD_BYTES = 20_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    data = tmp_path_factory.mktemp("imports") / "data"
    with running_server(data, {"MAX_UPLOAD_BYTES": str(MOST_UPLOAD_BYTES)}) as server:
        yield server


@pytest.fixture
def ann(server: RunningServer) -> Person:
    return sign_up(server, "Ann")


def send(person: Person, path: Path, filename: str | None = None) -> httpx.Response:
    with path.open("rb") as file:
        files = {"file": (filename or path.name, file, "application/zip")}
        return person.server.http.post(
            f"{person.server.base_url}/api/imports", files=files, headers=person.bearer, timeout=60.0
        )


def queued(person: Person, path: Path, filename: str | None = None) -> JsonDict:
    answer = send(person, path, filename)
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert isinstance(job, dict)
    return job


def ended(person: Person, job: JsonDict) -> JsonDict:
    deadline = time.monotonic() + PATIENCE_S
    while job["finishedAt"] is None:
        assert time.monotonic() < deadline, job
        time.sleep(0.02)
        job = person.get(f"/api/imports/{job['id']}")
    return job


def rows(server: RunningServer, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(server.database)) as db:
        return db.execute(query).fetchall()


def uploads(server: RunningServer) -> list[Path]:
    folder = server.data / "uploads"
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def until(condition: object, wanted: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + PATIENCE_S
    while condition() != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_an_upload_is_imported_and_then_deleted(server: RunningServer, ann: Person, tmp_path: Path) -> None:
    made = chatgpt_export(tmp_path / "mine.zip", conversations=10, layout="shards", shard_size=4)
    job = queued(ann, made.path)
    assert (job["state"], job["filename"], job["report"]) == ("queued", "mine.zip", None)
    done = ended(ann, job)
    assert done["state"] == "done"
    assert done["report"]["messages"]["imported"] == made.messages
    assert len(ann.get("/api/chats")["items"]) == 10
    assert [each["id"] for each in ann.get("/api/imports")["items"]] == [job["id"]]
    until(lambda: uploads(server), [])
    (notification,) = ann.get("/api/notifications")["items"]
    assert (notification["level"], notification["link"]) == ("success", f"/imports/{job['id']}")


def test_an_error_names_the_file_as_the_person_does(ann: Person, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text('[{"mapping": ')
    done = ended(ann, queued(ann, path, "../../My chats, 2026.json"))
    assert (done["state"], done["filename"]) == ("failed", "My chats, 2026.json")
    assert "My chats_ 2026.json" in done["report"]["error"]


def test_nobody_sees_or_cancels_the_imports_of_others(server: RunningServer, ann: Person, tmp_path: Path) -> None:
    bob = sign_up(server, "Bob")
    job = queued(ann, chatgpt_export(tmp_path / "a.json", conversations=1).path)
    assert bob.request("GET", f"/api/imports/{job['id']}").status_code == 404
    assert bob.request("POST", f"/api/imports/{job['id']}/cancel").status_code == 404
    assert bob.get("/api/imports")["items"] == []
    anonymous = server.http.post(f"{server.base_url}/api/imports", files={"file": b"x"})
    assert anonymous.status_code == 401
    assert ended(ann, job)["state"] == "done"


@pytest.mark.parametrize(
    ("headers", "content", "sentence"),
    [
        ({"Content-Type": "application/json"}, b"{}", "field “file”"),
        ({"Content-Type": "multipart/form-data"}, b"", "field “file”"),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"nonsense", "broken or was cut off"),
        (
            {"Content-Type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\nPK',
            "broken or was cut off",
        ),
        (
            {"Content-Type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--b--\r\n',
            "no field “file”",
        ),
    ],
)
def test_a_wrong_form_is_refused_and_leaves_nothing(
    server: RunningServer, ann: Person, headers: dict[str, str], content: bytes, sentence: str
) -> None:
    answer = server.http.post(f"{server.base_url}/api/imports", content=content, headers=ann.bearer | headers)
    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]
    assert uploads(server) == []
    assert ann.get("/api/imports")["items"] == []


def test_a_file_above_the_limit_is_refused_and_leaves_nothing(
    server: RunningServer, ann: Person, tmp_path: Path
) -> None:
    path = tmp_path / "large.json"
    path.write_bytes(b" " * (MOST_UPLOAD_BYTES + 1))
    assert send(ann, path).status_code == 413

    def without_length() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'
        for _ in range(MOST_UPLOAD_BYTES // 100_000 + 1):
            yield b" " * 100_000

    headers = ann.bearer | {"Content-Type": "multipart/form-data; boundary=b"}
    answer = server.http.post(f"{server.base_url}/api/imports", content=without_length(), headers=headers)
    assert answer.status_code == 413
    assert uploads(server) == []


@pytest.mark.anyio
async def test_an_upload_that_is_cut_off_leaves_nothing(server: RunningServer, ann: Person) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = (
        "POST /api/imports HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n"
        f"Authorization: Bearer {ann.token}\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'
    )
    writer.write(head.encode() + b" " * 3_000_000)
    await writer.drain()
    await asyncio.to_thread(until, lambda: len(uploads(server)), 1)
    writer.transport.abort()
    await asyncio.to_thread(until, lambda: uploads(server), [])
    assert ann.get("/api/imports")["items"] == []


@pytest.mark.anyio
async def test_open_pages_see_the_job_get_on(ann: Person, tmp_path: Path) -> None:
    tab = await LiveClient.open(ann)
    await tab.hello(ann.get("/api/chats"))
    job = await asyncio.to_thread(queued, ann, chatgpt_export(tmp_path / "a.json", conversations=30).path)
    while (await tab.wait_for("import_changed"))["job"]["state"] != "done":
        pass
    states = [frame["job"]["state"] for frame in tab.frames if frame["type"] == "import_changed"]
    assert states[0] == "queued"
    final = [frame["job"] for frame in tab.frames if frame["type"] == "import_changed"][-1]
    assert (final["id"], final["report"]["conversations"]["imported"]) == (job["id"], 30)
    await tab.close()


def test_the_demo_library_is_one_click(ann: Person) -> None:
    answer = ann.request("POST", "/api/demo")
    assert answer.status_code == 202
    assert ended(ann, answer.json())["state"] == "done"
    assert {chat["platform"] for chat in ann.get("/api/chats")["items"]} == {"chatgpt", "claude"}


def large_export(path: Path) -> int:
    made = chatgpt_export(path, conversations=600)
    return made.messages


def workers_of(server: RunningServer) -> list[int]:
    """The processes that the server has started for imports."""
    children = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    ids = [int(number) for each in children for number in each.read_text().split()]
    return [number for number in ids if b"imports.worker" in Path(f"/proc/{number}/cmdline").read_bytes()]


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the worker in /proc")


def importing(person: Person, job: JsonDict) -> None:
    """Waits until the import has begun to write."""
    until(lambda: person.get(f"/api/imports/{job['id']}")["progress"]["conversationsDone"] > 0, True)


@needs_proc
def test_a_worker_that_is_killed_is_replaced_at_once(server: RunningServer, ann: Person, tmp_path: Path) -> None:
    messages = large_export(tmp_path / "a.json")
    job = queued(ann, tmp_path / "a.json")
    importing(ann, job)
    for worker in workers_of(server):
        os.kill(worker, signal.SIGKILL)
    done = ended(ann, job)
    assert done["state"] == "done"
    assert done["report"]["messages"]["imported"] == messages
    of_ann = f"SELECT count(*) FROM messages JOIN chats ON chats.id = chat_id WHERE owner_id = {ann.id}"
    assert rows(server, of_ann) == [(messages,)]


@needs_proc
def test_an_import_goes_on_when_server_and_worker_were_killed(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        ann = sign_up(server, "Ann")
        messages = large_export(tmp_path / "a.json")
        job = queued(ann, tmp_path / "a.json")
        importing(ann, job)
        workers = workers_of(server)
        server.kill()
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        with closing(sqlite3.connect(server.database)) as db:  # as if the 30 s of the lease had passed
            db.execute("UPDATE imports SET leased_until = 0 WHERE finished_at IS NULL")
            db.commit()
        server.start()
        done = ended(ann, job)
        assert done["report"]["messages"]["imported"] == messages
        assert rows(server, "SELECT count(*) FROM messages") == [(messages,)]
        until(lambda: uploads(server), [])


def test_an_import_goes_on_after_an_orderly_restart(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        ann = sign_up(server, "Ann")
        messages = large_export(tmp_path / "a.json")
        job = queued(ann, tmp_path / "a.json")
        importing(ann, job)
        server.stop()
        assert rows(server, "SELECT count(*) FROM imports WHERE leased_by IS NOT NULL") == [(0,)]
        server.start()
        assert ended(ann, job)["report"]["messages"]["imported"] == messages


def test_a_running_import_can_be_cancelled(server: RunningServer, ann: Person, tmp_path: Path) -> None:
    large_export(tmp_path / "a.json")
    job = queued(ann, tmp_path / "a.json")
    importing(ann, job)
    ann.post(f"/api/imports/{job['id']}/cancel")
    done = ended(ann, job)
    assert done["state"] in ("cancelled", "done"), "it may just have been at its end"
    assert done["report"]["conversations"]["found"] == 600
    until(lambda: uploads(server), [])


def test_leftovers_of_a_killed_server_are_deleted(tmp_path: Path) -> None:
    leftover = tmp_path / "data" / "uploads" / "abc" / "arriving"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"half of a file")
    with running_server(tmp_path / "data") as server:
        until(lambda: uploads(server), [])


def test_a_person_cannot_queue_without_end(ann: Person, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([chatgpt_chain("c", [chatgpt_message("q", "user", "Hello")])]))
    statuses = {send(ann, path).status_code for _ in range(40)}
    assert statuses <= {202, 409}
