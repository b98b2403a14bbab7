"""Does everyone get everything, and nothing that they may not have (promises P4 to P8)?"""

import time
from collections.abc import Iterator
from typing import get_args

from prometheus_client.core import Metric

from chatsynth.log.tailing import TailCounts
from chatsynth.operations.families import counter, counters, gauge, gauges, histogram
from chatsynth.realtime.counts import EndReason, LiveCounts
from chatsynth.realtime.errors import CloseCode, ErrorCode
from chatsynth.realtime.frames import SnapshotReason
from chatsynth.realtime.hub import Hub
from chatsynth.realtime.standing import Standing, standing_of

REFUSALS = (
    CloseCode.NOT_SIGNED_IN,
    CloseCode.WRONG_USER,
    CloseCode.WRONG_ORIGIN,
    CloseCode.TOO_MANY,
    CloseCode.FULL,
    CloseCode.GOING_AWAY,
)


def live_metrics(hub: Hub) -> Iterator[Metric]:
    yield from _standing(standing_of(hub))
    yield from _connections(hub.counts)
    yield from _entries(hub.counts)
    yield histogram(
        "revocation_seconds",
        "From the commit that ended a right until nothing more could leave because of it.",
        hub.counts.revocation_s,
    )
    yield gauge("draining", "1 while the server says goodbye to its clients.", hub.is_draining)


def _standing(now: Standing) -> Iterator[Metric]:
    modes = {"plain": now.plain_connections, "full": now.sessions}
    yield gauges("connections", "Open WebSockets by the vocabulary that they speak.", "mode", modes)
    yield gauge("people_connected", "People with at least one open WebSocket.", now.people)
    yield gauge("subscriptions", "Channels that connections listen to, counted once for each.", now.subscriptions)
    yield gauge("subscriptions_behind", "Subscriptions that are fed from the log now.", now.behind)
    yield gauge("outbox_bytes", "Bytes that wait in this process for readers, all together.", now.outbox_bytes)
    yield gauge("outbox_largest_bytes", "Bytes that wait for the slowest reader.", now.largest_outbox_bytes)
    yield gauge("presence_states", "Sessions that show where they are, for each chat.", now.presence_states)


def _connections(counts: LiveCounts) -> Iterator[Metric]:
    yield counter("connections_opened", "WebSockets that were admitted.", counts.connected)
    yield counters(
        "connections_refused",
        "WebSockets that were not admitted.",
        ("reason",),
        [((code.name.lower(),), counts.refused_connections[code]) for code in REFUSALS],
    )
    yield counters(
        "connections_ended",
        "Connections that ended, by why.",
        ("reason",),
        [((str(reason),), counts.ends[reason]) for reason in EndReason],
    )
    yield counters(
        "live_errors",
        "Error frames that were sent to clients.",
        ("code",),
        [((str(code),), counts.errors[code]) for code in ErrorCode],
    )


def _entries(counts: LiveCounts) -> Iterator[Metric]:
    yield counter("entries_published", "Log entries that were handed to the live core.", counts.published_entries)
    yield counter("entries_delivered", "Log entries put into an outbox as they happened.", counts.delivered_entries)
    yield counter("entries_replayed", "Log entries put into an outbox from the log.", counts.replayed_entries)
    yield counter("pages_replayed", "Pages of the log that were given to subscriptions.", counts.replayed_pages)
    yield counter("outbox_overflows", "How often a full outbox put a subscription behind.", counts.overflows)
    yield counters(
        "snapshots_needed",
        "Subscriptions that the log could not continue.",
        ("reason",),
        [((reason,), counts.snapshots_needed[reason]) for reason in get_args(SnapshotReason)],
    )


def following_metrics(counts: TailCounts) -> Iterator[Metric]:
    """Of the commits of other processes: imports, the command line."""
    since_s = counts.behind_since_s
    behind_s = 0.0 if since_s is None else time.monotonic() - since_s
    yield histogram(
        "follow_seconds",
        "From when another process’s commit was noticed until all of it was told to the connections.",
        counts.catch_up_s,
    )
    yield gauge("follow_lag_seconds", "For how long a noticed commit of another process has not been told.", behind_s)
    yield counter("follow_failures", "Attempts to tell of another process’s commits that failed.", counts.failures)
