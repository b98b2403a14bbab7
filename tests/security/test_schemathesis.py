"""The OpenAPI document against the server: requests that fit it and requests that do not, made by schemathesis.

`CHATSYNTH_TEST_API_EXAMPLES` sets how many random requests each operation gets (default: none beside the systematic
ones); the seed is in the output of a failure.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

from chatsynth.features.accounts.tables import api_tokens
from tests.harness.people import Person, sign_up
from tests.harness.running_server import running_server

EXAMPLES = int(os.environ.get("CHATSYNTH_TEST_API_EXAMPLES", "0"))
OWN_TOKEN = 2**40
"""Beyond what is tried, or a request would delete the token that the others need."""
STARTS_A_PROCESS = ("/api/imports", "/api/demo")
"""Each request starts an import: only in a long run."""
CONFIG = """
[auth.openapi.token]
bearer = "{token}"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "422", "429"]
"""
"""422 for what a schema cannot say: that a cursor came from this server, that a change fits its text."""


@pytest.mark.timeout(0 if EXAMPLES else 300)
def test_the_server_does_what_its_openapi_document_says(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", {"SIGNUP": "invitation"}) as server:
        admin = sign_up(server, "Admin")
        _move_token(admin)
        admin.new_chat("one", "two")
        admin.post("/api/chats", {"title": "another"})
        found = subprocess.run(_command(admin, tmp_path), capture_output=True, text=True, cwd=tmp_path, check=False)
        assert found.returncode == 0, found.stdout[-30000:] + found.stderr[-2000:]


def _move_token(person: Person) -> None:
    change = update(api_tokens).where(api_tokens.c.id == person.token_id).values(id=OWN_TOKEN)
    person.server.library().writer.run(lambda unit: unit.db.execute(change).close())


def _command(person: Person, folder: Path) -> list[str]:
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG.format(token=person.token), encoding="utf-8")
    program = str(Path(sys.executable).with_name("st"))
    words = [program, "--config-file", str(config), "--no-color", "run", f"{person.server.base_url}/api/openapi.json"]
    words += ["--phases", "examples,coverage,fuzzing,stateful" if EXAMPLES else "examples,coverage"]
    words += ["--max-examples", str(max(1, EXAMPLES)), "--continue-on-failure", "--suppress-health-check", "all"]
    words += ["--checks", "all", "--output-truncate", "false"]
    for path in () if EXAMPLES else STARTS_A_PROCESS:
        words += ["--exclude-path", path]
    return words
