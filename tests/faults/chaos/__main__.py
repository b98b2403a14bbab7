"""`python -m tests.faults.chaos`, or `make chaos`: a real server and people who type, while everything goes wrong."""

import tempfile
import time
from pathlib import Path
from random import Random
from typing import Annotated

import anyio
import typer

from tests.faults.chaos.figures import Figures
from tests.faults.chaos.round import one_round
from tests.faults.vfs import why_not_possible
from tests.harness.history import report

ROUND_S = 60.0


async def _run(minutes: float, seed: int) -> Figures:
    figures = Figures()
    end_s = time.monotonic() + 60 * minutes
    while figures.is_clean and (left_s := end_s - time.monotonic()) > 0:
        with tempfile.TemporaryDirectory() as folder:
            await one_round(Path(folder), min(ROUND_S, left_s), Random(f"{seed}/{figures.rounds}"), figures)
        typer.echo(f"\n{figures.summary()}", err=True)
    return figures


def main(
    minutes: Annotated[float, typer.Option(help="How long it goes on; hours are fine.")] = 5.0,
    seed: Annotated[int, typer.Option(help="Decides who does what, and what goes wrong in which order.")] = 1,
) -> None:
    """Let everything go wrong while people type, and have a judge look at it after each minute."""
    not_possible = why_not_possible()
    if not_possible is not None:
        typer.echo(not_possible, err=True)
        raise typer.Exit(2)
    figures = anyio.run(_run, minutes, seed)
    typer.echo(figures.summary())
    if not figures.is_clean:
        typer.echo("\n".join([report(figures.findings), *figures.mistakes[:5]]))
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
