"""A server of their own for the tests that compare the whole database: nothing else changes it."""

from collections.abc import Iterator

import pytest

from tests.harness.running_server import running_server
from tests.security.cast import Cast, assemble


@pytest.fixture(scope="session")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    with running_server(tmp_path_factory.mktemp("cast") / "data") as server:
        cast = assemble(server)
        yield cast
        cast.rows.close()
