"""A library with nothing in it yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.features.imports.importing import Library, library_at


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with library_at(tmp_path / "data" / "chatsynth.sqlite3") as library:
        yield library
