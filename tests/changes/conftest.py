"""The oracle that the tests of change sets share."""

from collections.abc import Iterator

import pytest

from tests.changes.oracle import Oracle, running_oracle


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    with running_oracle() as oracle:
        yield oracle
