"""The process in which the server has an import done: `python -m chatsynth.features.imports.worker`.

A hostile or huge export costs this process its memory and its time, and the server neither. It works on when the
server dies. At SIGTERM it commits what it is writing and leaves the job to the next process.
"""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from chatsynth.database.claim import shared_use
from chatsynth.database.engine import open_readers, open_writer
from chatsynth.database.writer import Writer
from chatsynth.features.imports.runner import Runner
from chatsynth.features.imports.uploads import discard
from chatsynth.kit.clock import system_clock
from chatsynth.realtime.publication import AfterCommit
from chatsynth.web.context import Context
from chatsynth.web.request_log import configure_logging

NICENESS = 5
OOM_SCORE = "800"
SWITCH_INTERVAL_S = 0.0001
"""How long the thread that writes, and so has the write lock, may wait for the one that reads the export."""


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="chatsynth.features.imports.worker")
    parser.add_argument("--job", type=int, required=True)
    parser.add_argument("--lease", required=True)
    parser.add_argument("--database", type=Path, required=True)
    given = parser.parse_args(arguments)
    configure_logging("auto")
    _stand_back()
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    with open_context(given.database) as context:
        runner = Runner(context, given.job, given.lease, wish=lambda: "stop" if stop.is_set() else "go on")
        if runner.run() is not None and not runner.keeps_file:
            discard(runner.path)


def _stand_back() -> None:
    """The server gets the processor first, and if the memory of the machine runs out, this process is what ends."""
    os.nice(NICENESS)
    with suppress(OSError):  # only Linux has it
        Path("/proc/self/oom_score_adj").write_text(OOM_SCORE)


@contextmanager
def open_context(database: Path) -> Iterator[Context]:
    """The database that a server has brought to the newest schema; the server follows what is written here."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    with shared_use(database):  # also when the server that started this process is gone
        readers = open_readers(database)
        writer: Writer[AfterCommit] = Writer(open_writer(database), system_clock, publish=_nobody_listens_here)
        writer.start()
        try:
            yield Context(system_clock, readers, writer)
        finally:
            writer.stop()
            readers.dispose()


def _nobody_listens_here(_: list[AfterCommit]) -> None:
    """The connections are those of the server's process."""


if __name__ == "__main__":
    main(sys.argv[1:])
