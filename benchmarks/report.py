"""What a benchmark found, and how it is written down."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from chatsynth.kit.json_types import Json

RESULTS = Path(__file__).parent / "results"
Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Target:
    """What the product must reach first, and where it is going."""

    first: float
    goal: float
    better: Better

    def verdict(self, value: float) -> str:
        if self._holds(value, self.goal):
            return "goal"
        return "first" if self._holds(value, self.first) else "**missed**"

    def describe(self) -> str:
        sign = "≥" if self.better == "higher" else "≤"
        return f"{sign} {self.first:g} / {sign} {self.goal:g}"

    def _holds(self, value: float, bound: float) -> bool:
        return value >= bound if self.better == "higher" else value <= bound


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity with the values of all runs; the median counts."""

    what: str
    unit: str
    values: tuple[float, ...]
    target: Target | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def row(self) -> str:
        low, high = min(self.values), max(self.values)
        spread = f"{_number(low)} – {_number(high)}" if len(self.values) > 1 else ""
        target = (self.target.describe(), self.target.verdict(self.median)) if self.target else ("", "")
        unit = f" {self.unit}" if self.unit else ""
        return f"| {self.what} | {_number(self.median)}{unit} | {spread} | {len(self.values)} | {' | '.join(target)} |"


@dataclass(frozen=True, slots=True)
class Report:
    """`how` explains what was run and why it says something."""

    name: str
    title: str
    how: str
    figures: tuple[Figure, ...]


def ratios(of: Sequence[float], to: Sequence[float]) -> tuple[float, ...]:
    """One ratio for each pair of neighbouring runs, so that a slow minute of the machine cancels out."""
    return tuple(one / other for one, other in zip(of, to, strict=True))


def write(report: Report, machine: Mapping[str, str], *, quick: bool) -> None:
    """Quick runs are kept apart: they check the benchmark, not the product."""
    folder = RESULTS / "quick" if quick else RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    found: Json = {
        "name": report.name,
        "quick": quick,
        "machine": dict(machine),
        "figures": [{**asdict(figure), "median": figure.median} for figure in report.figures],
    }
    text = json.dumps(found, indent=2, ensure_ascii=False)
    (folder / f"{report.name}.json").write_text(f"{text}\n", encoding="utf-8")
    (folder / f"{report.name}.md").write_text(markdown(report, machine), encoding="utf-8")


def markdown(report: Report, machine: Mapping[str, str]) -> str:
    rows = "\n".join(figure.row() for figure in report.figures)
    about = "\n".join(f"- {name}: {value}" for name, value in machine.items())
    return (
        f"# {report.title}\n\n{report.how}\n\n"
        "| what | median | range | runs | first / goal | reached |\n|---|---|---|---|---|---|\n"
        f"{rows}\n\nMachine:\n\n{about}\n"
    )


def _number(value: float) -> str:
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
