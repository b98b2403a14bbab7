"""What the product's own doctor says of a library."""

from collections.abc import Iterator
from pathlib import Path

from chatsynth.cli.library_checks import CHECKS, Unsound


def damage(database: Path) -> Iterator[str]:
    """Nothing for a sound library. The checks of the installation are left out."""
    for check in CHECKS:
        try:
            check(database)
        except Unsound as unsound:
            yield str(unsound)
