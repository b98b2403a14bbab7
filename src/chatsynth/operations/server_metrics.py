"""The process, its files and what is asked of it over HTTP."""

import platform
import sqlite3
from collections.abc import Iterator, Mapping

from prometheus_client.core import Metric

from chatsynth import __version__
from chatsynth.node import Node
from chatsynth.operations.families import counters, gauge, gauges, histograms
from chatsynth.operations.files import sizes_of
from chatsynth.web.request_counts import RequestCounts

LOGIN = "/api/login"
LOGIN_FAILURES = {"wrong": 401, "disabled": 403, "too_many": 429}


def server_metrics(node: Node, import_jobs: Mapping[str, int]) -> Iterator[Metric]:
    versions = {"version": __version__, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    yield _build_info(versions)
    yield from _requests(node.requests)
    files = sizes_of(node.settings.database)
    yield gauges(
        "database_bytes",
        "Size of the database’s files.",
        "file",
        {"database": files.database_bytes, "wal": files.wal_bytes},
    )
    yield gauge("disk_free_bytes", "Space left on the disk of the database.", files.disk_free_bytes)
    yield gauges("import_jobs", "Imports by their state.", "state", import_jobs)


def _build_info(versions: Mapping[str, str]) -> Metric:
    family = Metric("chatsynth_build_info", "What runs here; always 1.", "gauge")
    family.add_sample("chatsynth_build_info", dict(versions), 1)
    return family


def _requests(requests: RequestCounts) -> Iterator[Metric]:
    answers = [((route, method, str(status)), n) for (route, method, status), n in list(requests.answers.items())]
    yield counters("http_requests", "HTTP requests that were answered.", ("route", "method", "status"), answers)
    yield histograms(
        "http_request_seconds",
        "How long HTTP requests took until the end of the answer.",
        ("route", "method"),
        list(requests.took_s.items()),
    )
    yield counters(
        "login_failures",
        "Attempts to sign in with a password that failed.",
        ("reason",),
        [((reason,), requests.answered(LOGIN, "POST", status)) for reason, status in LOGIN_FAILURES.items()],
    )
