"""The commands as scripts use them: real processes on a real library."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from chatsynth.config import Settings
from chatsynth.database.migrate import newest_version
from chatsynth.features.accounts import repository
from chatsynth.features.accounts.passwords import password_matches
from chatsynth.features.accounts.tables import logins
from chatsynth.library import open_library
from chatsynth.log.rights import rights_changes_after
from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.publication import CredentialEnded, UserEnded

PASSWORD = "correct horse battery"


class Cli:
    def __init__(self, data: Path) -> None:
        self.data = data

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
        """Standard input is a pipe, never a terminal."""
        return subprocess.run(
            [sys.executable, "-m", "chatsynth", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "CHATSYNTH_DATA": str(self.data), **environment},
        )

    def add(self, email: str, *more: str) -> int:
        added = self("user", "add", email, *more, stdin=f"{PASSWORD}\n")
        assert added.returncode == 0, added.stderr
        return int(added.stdout)


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path / "data")


def _failed(done: "subprocess.CompletedProcess[str]", code: int, words: str) -> None:
    """One sentence, no traceback, nothing on standard output."""
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_user_add_prints_only_the_number(cli: Cli) -> None:
    first = cli("user", "add", "Ann@Example.org", stdin=f"{PASSWORD}\r\nsecond line\n")
    assert (first.stdout, first.returncode) == ("1\n", 0)
    assert "a new one was created" in first.stderr
    second = cli("user", "add", "bob@example.org", "--name", "Bob B", stdin=PASSWORD)
    assert (second.stdout, second.stderr) == ("2\n", "")
    with open_library(Settings(data_dir=cli.data)) as library, library.reading() as db:
        ann, bob = repository.all_accounts(db)
    assert (ann.email, ann.name, ann.is_admin) == ("ann@example.org", "ann", True)
    assert (bob.name, bob.is_admin) == ("Bob B", False)
    assert password_matches(ann.password_hash, PASSWORD)


def test_token_create_prints_only_a_token_that_works(cli: Cli) -> None:
    cli.add("ann@example.org")
    made = cli("token", "create", "--user", "ann@example.org", "--days", "3")
    assert (made.returncode, made.stderr, made.stdout.count("\n")) == (0, "", 1)
    with open_library(Settings(data_dir=cli.data)) as library, library.reading() as db:
        token = repository.token_by_secret(db, made.stdout.strip())
    assert token is not None
    assert (token.user_id, token.expires_at is not None) == (1, True)


def test_disabling_and_a_new_password_are_heard_by_a_running_server(cli: Cli) -> None:
    cli.add("ann@example.org")
    cli.add("bob@example.org")
    with open_library(Settings(data_dir=cli.data)) as library:
        library.writer.run(lambda unit: repository.insert_login(unit.db, 2, "secret", 1, 2**52, "browser"))
        assert cli("user", "password", "bob@example.org", stdin="another password").returncode == 0
        assert cli("user", "disable", "bob@example.org").returncode == 0
        with library.reading() as db:
            changes, _ = rights_changes_after(db, 0)
            assert db.execute(select(logins)).all() == []
            bob = repository.account_by_id(db, 2)
    assert changes == [CredentialEnded("login:1", 2, CloseCode.SIGNED_OUT), UserEnded(2, CloseCode.DISABLED)]
    assert bob is not None
    assert password_matches(bob.password_hash, "another password")
    assert bob.disabled_at is not None
    assert cli("user", "enable", "bob@example.org").returncode == 0
    assert cli("user", "disable", "ann@example.org").returncode == 1


def test_failures_are_one_sentence(cli: Cli, tmp_path: Path) -> None:
    cli.add("ann@example.org")
    _failed(cli("user", "add", "ann@example.org", stdin=PASSWORD), 1, "already an account")
    _failed(cli("user", "add", "nobody", stdin=PASSWORD), 1, "not an e-mail address")
    _failed(cli("user", "add", "bob@example.org"), 1, "A password has")
    _failed(cli("token", "create", "--user", "bob@example.org"), 1, "no account")
    _failed(cli("user", "add"), 2, "Missing argument")
    _failed(cli("serve", "--port", "none"), 2, "--port is “none”")
    (tmp_path / "file").touch()
    _failed(cli("user", "enable", "a@b", "--data", str(tmp_path / "x")), 1, "There is no library in")
    assert not (tmp_path / "x").exists()
    _failed(cli("user", "add", "a@b", "--data", str(tmp_path / "file" / "x"), stdin=PASSWORD), 1, "cannot be used")


def test_what_is_no_text_is_refused_in_words(cli: Cli) -> None:
    cli.add("ann@example.org")
    no_text = "\udcff"  # a byte that is not UTF-8, as Python reads it from the command line
    _failed(cli("user", "add", "b@example.org", "--name", no_text, stdin=PASSWORD), 1, "name is not text")
    _failed(cli("token", "create", "--user", "ann@example.org", "--name", no_text), 1, "name is not text")


def test_a_server_that_cannot_listen_says_why_and_ends(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = cli("serve", "--port", str(port))
    assert done.returncode == 1
    assert f"cannot listen at 127.0.0.1, port {port} (Address already in use)." in done.stderr.splitlines()[-1]
    done = cli("serve", "--host", "256.0.0.1", "--port", "0")
    assert done.returncode == 1
    assert "cannot listen at 256.0.0.1, port 0 (" in done.stderr.splitlines()[-1]


def test_a_database_that_is_none_is_explained(cli: Cli) -> None:
    cli.data.mkdir()
    (cli.data / "chatsynth.sqlite3").write_text("Dear diary" * 100)
    _failed(cli("user", "enable", "ann@example.org"), 1, "cannot be opened")
    doctor = cli("doctor")
    assert doctor.returncode == 1
    assert doctor.stdout.count("WRONG  ") >= 2
    assert doctor.stderr == ""


def test_doctor_finds_a_sound_library_sound(cli: Cli) -> None:
    cli.add("ann@example.org")
    lines = cli("doctor").stdout.splitlines()
    assert [line for line in lines if line.startswith("WRONG") and "page" not in line] == []
    assert f"ok     Schema {newest_version()}" in lines
    assert "ok     The database is undamaged" in lines


def test_doctor_touches_nothing(cli: Cli) -> None:
    assert "There is no library" in cli("doctor").stdout
    assert not cli.data.exists()


def test_the_log_of_a_program_is_not_on_standard_output(cli: Cli) -> None:
    assert json.dumps(cli("--version").stdout).startswith('"chatsynth ')
