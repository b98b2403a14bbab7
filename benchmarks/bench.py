"""What every benchmark is given."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Load
from benchmarks.processes import compile_native
from benchmarks.report import Report

PAIRS = 5
QUICK_PAIRS = 2


@dataclass(frozen=True, slots=True)
class Bench:
    """`folder` is empty at the beginning and removed at the end. `quick` checks that the benchmark works."""

    folder: Path
    quick: bool

    @property
    def pairs(self) -> int:
        return QUICK_PAIRS if self.quick else PAIRS

    def scaled(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def load(self) -> Load:
        return Load(compile_native(self.folder, "load"))

    def data(self, name: str = "data") -> Path:
        """The folder of a new library."""
        path = self.folder / name
        path.mkdir()
        return path


Benchmark = Callable[[Bench], Report]
