"""A server whose file system a test rules."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.faults.control import Control
from tests.faults.forked import Forker
from tests.harness.running_server import NO_SETTINGS, ROOT, Process, RunningServer


def faulty_server(
    folder: Path, settings: Mapping[str, str] = NO_SETTINGS, journal: Path | None = None
) -> RunningServer:
    """Not started yet. `control_of` the same folder rules its disk."""
    journal_name = "-" if journal is None else str(journal)
    program = ("tests.faults.faulty_server", str(folder / "control"), journal_name)
    return RunningServer(folder / "data", settings, program)


class ForkedServer(RunningServer):
    """As `faulty_server`, for those who start it often: it is forked from a process that has everything loaded."""

    def __init__(self, folder: Path, settings: Mapping[str, str] = NO_SETTINGS, journal: Path | None = None) -> None:
        super().__init__(folder / "data", settings)
        self._forker = Forker(folder / "control", journal, self._log, ROOT)

    def launch(self) -> Process:
        return self._forker.start(self.environment())

    def close(self) -> None:
        super().close()
        self._forker.close()


@contextmanager
def control_of(folder: Path) -> Iterator[Control]:
    with Control(folder / "control") as control:
        yield control
