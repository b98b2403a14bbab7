"""A library with nobody in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.own_library import OwnLibrary, own_library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[OwnLibrary]:
    with own_library(tmp_path) as library:
        yield library
