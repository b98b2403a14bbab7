"""A server whose file system a test rules."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.faults.control import Control
from tests.harness.running_server import NO_SETTINGS, RunningServer


def faulty_server(
    folder: Path, settings: Mapping[str, str] = NO_SETTINGS, journal: Path | None = None
) -> RunningServer:
    """Not started yet. `control_of` the same folder rules its disk."""
    journal_name = "-" if journal is None else str(journal)
    program = ("tests.faults.faulty_server", str(folder / "control"), journal_name)
    return RunningServer(folder / "data", settings, program)


@contextmanager
def control_of(folder: Path) -> Iterator[Control]:
    with Control(folder / "control") as control:
        yield control
