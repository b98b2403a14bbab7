"""Is what is acknowledged on disk, and how fast (promises P1 and P3)?"""

from collections.abc import Iterator

from prometheus_client.core import Metric

from chatsynth.database.failures import StorageFault
from chatsynth.database.writer import WriteFailure
from chatsynth.node import Node
from chatsynth.operations.families import counters, gauge, histogram
from chatsynth.realtime.errors import ErrorCode

WRITE_FAILURES: tuple[WriteFailure, ...] = (*StorageFault, "other")


def change_metrics(node: Node) -> Iterator[Metric]:
    counts, writer = node.executor.counts, node.context.writer
    done = [(("accepted", ""), counts.accepted), (("repeated", ""), counts.repeated)]
    refused = [(("refused", str(code)), counts.refused[code]) for code in ErrorCode]
    yield counters("changes", "Changes by what became of them.", ("result", "code"), [*done, *refused])
    yield histogram(
        "commit_seconds", "How long the database took to put a group of changes on disk.", writer.counts.commit_s
    )
    yield histogram(
        "write_seconds", "From when a change was handed to the writer until it was on disk.", writer.counts.write_s
    )
    yield histogram("commit_group_size", "How many changes shared one transaction.", writer.counts.group_size)
    yield gauge("write_queue_length", "Changes that wait for the writer.", writer.queue_length)
    yield counters(
        "write_failures",
        "Groups of changes that could not be stored; none of them was acknowledged.",
        ("kind",),
        [((kind,), writer.counts.failures[kind]) for kind in WRITE_FAILURES],
    )
    statements = {"reader": node.reader_statements, "writer": node.writer_statements}
    yield counters(
        "database_statements",
        "SQL statements that this process ran.",
        ("connection",),
        [((name,), tally.value()) for name, tally in statements.items()],
    )
