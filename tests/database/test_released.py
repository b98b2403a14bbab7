"""Every schema that was ever released, with data in every table, comes forward to the newest one with all of it.

`scripts/released_library.py` made the libraries, each with the code of its release.
"""

import gzip
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from chatsynth.database.backup import examine
from chatsynth.database.contents import digest
from chatsynth.database.migrate import DatabaseNotUsable, kept_before_upgrade, migrate, newest_version
from chatsynth.database.shape import shape_differences
from tests.harness.running_server import running_server

RELEASED = Path(__file__).parent / "released"
CHANGES = Path(__file__).parents[2] / "CHANGELOG.md"
LIBRARIES = sorted(RELEASED.glob("*.sqlite3.gz"))

STRIDE = int(os.environ.get("CHATSYNTH_TEST_UPGRADE_STRIDE", "7"))
"""1 kills an upgrade at each of its statements."""

KILLED_AT_EACH_STATEMENT = """
import os, shutil, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from chatsynth.database.migrate import migrate

released, path, stride, nth = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), 0

@event.listens_for(Engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

while True:
    nth += stride
    left = nth
    shutil.copy(released, path)
    if (child := os.fork()) == 0:
        migrate(path)
        os._exit(0)
    was_killed = os.waitpid(child, 0)[1] == signal.SIGKILL
    if (child := os.fork()) == 0:
        left = 0
        migrate(path)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, nth
    shutil.copy(path, f"{path}.{nth}")
    if not was_killed:
        break
"""


def _unpacked(library: Path, folder: Path) -> Path:
    path = folder / "chatsynth.sqlite3"
    folder.mkdir(exist_ok=True)
    with gzip.open(library) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)
    return path


def test_every_release_has_left_its_library() -> None:
    released = re.findall(r"^## (\d+\.\d+\.\d+)", CHANGES.read_text(encoding="utf-8"), re.MULTILINE)
    assert released, "a heading for each release"
    assert [each.name.removesuffix(".sqlite3.gz") for each in LIBRARIES] == sorted(released)


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda each: each.name)
def test_all_that_a_released_library_shows_is_shown_after_its_upgrade(library: Path, tmp_path: Path) -> None:
    _unpacked(library, tmp_path / "data")
    seen = json.loads(Path(str(library).replace(".sqlite3.gz", ".json")).read_text(encoding="utf-8"))
    with running_server(tmp_path / "data") as server:
        for token, answers in seen.items():
            for path, expected in answers.items():
                answer = server.http.get(f"{server.base_url}{path}", headers={"Authorization": f"Bearer {token}"})
                assert _shown(path, answer.json(), like=expected) == _shown(path, expected, like=expected), path


def _shown(path: str, answer: object, *, like: object) -> object:
    """What was there when the library was released; a later version may tell more, and cut its findings otherwise."""
    if path.startswith("/api/search"):
        assert isinstance(answer, dict)
        return [(hit["chatId"], hit["messageId"]) for hit in answer["items"]]
    return _known_part(answer, like)


def _known_part(answer: object, like: object) -> object:
    if isinstance(answer, Mapping) and isinstance(like, Mapping):
        return {key: _known_part(answer.get(key), value) for key, value in like.items()}
    if isinstance(answer, Sequence) and isinstance(like, Sequence) and not isinstance(answer, str):
        assert len(answer) == len(like)
        return [_known_part(each, value) for each, value in zip(answer, like, strict=True)]
    return answer


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes as POSIX does")
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda each: each.name)
def test_an_upgrade_that_is_killed_at_any_statement_is_done_by_the_next_start(library: Path, tmp_path: Path) -> None:
    released = _unpacked(library, tmp_path / "released")
    path = tmp_path / "chatsynth.sqlite3"
    subprocess.run(
        [sys.executable, "-c", KILLED_AT_EACH_STATEMENT, released, path, str(STRIDE)], check=True, timeout=100
    )
    outcomes = {_without_chance(each) for each in tmp_path.glob("chatsynth.sqlite3.[0-9]*")}
    assert len(list(tmp_path.glob("chatsynth.sqlite3.[0-9]*"))) > 3
    assert len(outcomes) == 1, "wherever it was killed, the upgraded library is the same"


def _without_chance(path: Path) -> str:
    """The digest of all but the epochs that the upgrade gave."""
    assert examine(path) == newest_version()
    with closing(sqlite3.connect(path)) as db:
        assert shape_differences(db) == []
        db.execute("UPDATE channels SET epoch = ''")
        return digest(db)


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda each: each.name)
def test_a_step_that_fails_leaves_the_library_as_it_was(library: Path, tmp_path: Path) -> None:
    path = _unpacked(library, tmp_path / "data")
    with closing(sqlite3.connect(path)) as db:
        before = digest(db)

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "UPDATE alembic_version" in statement:  # the last of a step
            raise sqlite3.OperationalError("disk I/O error")

    event.listen(Engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(DatabaseNotUsable, match="disk I/O error"):
            migrate(path)
    finally:
        event.remove(Engine, "before_cursor_execute", fail)
    with closing(sqlite3.connect(path)) as db:
        assert digest(db) == before
    migrate(path)
    assert examine(path) == newest_version()


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda each: each.name)
def test_before_an_upgrade_a_copy_is_kept_that_is_a_whole_library(library: Path, tmp_path: Path) -> None:
    path = _unpacked(library, tmp_path / "data")
    with closing(sqlite3.connect(path)) as db:
        before = digest(db)
        (version,) = db.execute("SELECT version_num FROM alembic_version").fetchone()
    migrate(path)
    kept = kept_before_upgrade(path, version)
    assert examine(kept) == version
    with closing(sqlite3.connect(kept)) as db:
        assert digest(db) == before
    assert [each.name for each in path.parent.iterdir() if "unfinished" in each.name] == []


def test_without_room_for_the_copy_nothing_is_upgraded(tmp_path: Path) -> None:
    path = _unpacked(LIBRARIES[0], tmp_path / "data")
    with closing(sqlite3.connect(path)) as db:
        (version,) = db.execute("SELECT version_num FROM alembic_version").fetchone()
    kept_before_upgrade(path, version).mkdir()  # the copy cannot get its name
    with pytest.raises(DatabaseNotUsable, match="Nothing was changed"):
        migrate(path)
    assert examine(path) == version
