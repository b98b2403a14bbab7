"""`python -m benchmarks [NAME …] [--quick]`"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.backup import backup
from benchmarks.bench import Bench, Benchmark
from benchmarks.connections import connecting, memory
from benchmarks.edits import edits
from benchmarks.fanout import fanout
from benchmarks.imports import imports
from benchmarks.machine import describe_machine
from benchmarks.neighbours import neighbours
from benchmarks.page import page
from benchmarks.processes import allow_many_files
from benchmarks.report import markdown, write
from benchmarks.revocation import revocation
from benchmarks.search import search
from benchmarks.storms import storms

BENCHMARKS: dict[str, Benchmark] = {
    "fanout": fanout,
    "edits": edits,
    "connecting": connecting,
    "memory": memory,
    "storms": storms,
    "revocation": revocation,
    "neighbours": neighbours,
    "backup": backup,
    "search": search,
    "imports": imports,
    "page": page,
}


def main() -> int:
    """Runs those that were named, or all; one that fails does not keep the others from running."""
    arguments = _arguments()
    allow_many_files()
    machine = describe_machine()
    failed = []
    for name in arguments.names or BENCHMARKS:
        print(f"{name} …", flush=True)
        try:
            with tempfile.TemporaryDirectory(prefix="chatsynth-bench-") as folder:
                report = BENCHMARKS[name](Bench(Path(folder), arguments.quick))
        except Exception as problem:  # noqa: BLE001 - whatever one benchmark stumbles over
            print(f"{name} failed: {problem!r}", file=sys.stderr)
            failed.append(name)
            continue
        write(report, machine, quick=arguments.quick)
        print(markdown(report, machine), flush=True)
    return 1 if failed else 0


class _Arguments(argparse.Namespace):
    names: list[str]
    quick: bool


def _arguments() -> _Arguments:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*BENCHMARKS, []], help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="check that the benchmarks work; the figures say little")
    return parser.parse_args(namespace=_Arguments())


if __name__ == "__main__":
    sys.exit(main())
