"""What the tests of the database share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatsynth.database.migrate import migrate
from tests.database.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "chatsynth.sqlite3"
    migrate(path)
    store = Store(path)
    store.writer.start()
    yield store
    store.writer.stop()
