"""`python -m tests.faults.power_cuts`: cuts the power of a recorded server at many moments and looks at what is left.

Every change that had been acknowledged to anybody by then must be there, once, and everything that anybody had been
told must be true of what is left.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Annotated

import anyio
import typer

from chatsynth.config import Settings
from chatsynth.library import open_library
from tests.faults.journal import Call, Record
from tests.faults.power import Disk
from tests.faults.recording import Recording, record
from tests.faults.soundness import damage
from tests.harness.history import Finding, History, Rule, check, read_database, report
from tests.harness.json_types import JsonDict
from tests.harness.own_library import seen_by


@dataclass
class Cuts:
    """`acked` is how many acknowledged changes were looked for, over all cuts."""

    cuts: int = 0
    acked: int = 0
    findings: list[Finding] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Where the product could not even open what was left, or calls it damaged."""


def cut_power(recording: Recording, cuts: int, random: Random, records: Sequence[Record] | None = None) -> Cuts:
    """`records` other than the recorded ones are for a disk that lies."""
    done = Cuts()
    disk = Disk(recording.before, recording.data)
    waiting = iter(recording.records if records is None else records)
    coming = next(waiting, None)
    for at_s in _moments(recording, cuts, random):
        while coming is not None and coming.at_s <= at_s:
            disk.feed([coming])
            coming = next(waiting, None)
        with tempfile.TemporaryDirectory() as left:
            disk.after_a_cut(random, Path(left))
            _look(recording, at_s, Path(left), done)
    return done


def _moments(recording: Recording, cuts: int, random: Random) -> Iterator[float]:
    """Just when an acknowledgement has come, just when a sync has ended, and at any write."""
    kinds = (
        recording.ack_times_s(),
        [each.at_s for each in recording.records if each.call is Call.SYNC],
        [each.at_s for each in recording.records],
    )
    began_s = min(recording.ack_times_s())
    chosen = [random.choice(kinds[number % len(kinds)] or kinds[0]) for number in range(cuts)]
    yield from sorted(max(at_s, began_s) for at_s in chosen)


def _look(recording: Recording, at_s: float, left: Path, done: Cuts) -> None:
    known = [each.until(at_s) for each in recording.connections]
    done.cuts += 1
    done.acked += sum(frame["type"] == "ack" for each in known for _, frame in each.frames)
    database = left / "chatsynth.sqlite3"
    try:
        done.broken += damage(database)
        fresh = list(_fresh_snapshots(recording, left))
    except Exception as failed:  # noqa: BLE001 - whatever the product says, it is a finding
        done.broken.append(repr(failed))
        return
    done.findings += check(History(known, read_database(database), recording.loaded, fresh))


def _fresh_snapshots(recording: Recording, left: Path) -> Iterator[tuple[int, JsonDict]]:
    with open_library(Settings(data_dir=left)) as library, library.reading() as db:
        for user_id in {user_id for user_id, _ in recording.loaded}:
            yield user_id, seen_by(db, user_id, recording.chat_id)


def without_syncs(records: Sequence[Record]) -> list[Record]:
    """As if the server did not wait for the disk, or the disk lied."""
    return [each for each in records if each.call is not Call.SYNC]


def summary(cuts: Cuts) -> str:
    by_rule = Counter(finding.rule for finding in cuts.findings)
    lost = by_rule.pop(Rule.ACK_LOST, 0)
    return (
        f"{cuts.cuts} power cuts, {cuts.acked} acknowledged changes looked for: "
        f"{lost} lost, {by_rule.pop(Rule.OP_TWICE, 0)} doubled, {by_rule.total()} other findings, "
        f"{len(cuts.broken)} databases that could not be used"
    )


def main(
    cuts: Annotated[int, typer.Option(help="How often the power is cut.")] = 200,
    acks: Annotated[int, typer.Option(help="How many changes are acknowledged while it is recorded.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed cuts in the same way.")] = 1,
) -> None:
    """Record people who type, cut the power at many moments, and count what is lost."""
    with tempfile.TemporaryDirectory() as folder:
        recording = anyio.run(record, Path(folder).resolve(), acks, Random(seed))
        done = cut_power(recording, cuts, Random(seed))
    typer.echo(summary(done))
    if done.findings or done.broken:
        typer.echo("\n".join([report(done.findings), *done.broken[:5]]))
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
