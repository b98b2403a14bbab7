"""Traces of a real server, as a collector gets them: from the request to the commit to the news of it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatsynth.operations.tracing import is_asked_for, tracer_from
from tests.harness.collector import Collector, running_collector
from tests.harness.live_client import Tabs
from tests.harness.people import sign_up
from tests.harness.running_server import RunningServer, running_server

pytestmark = pytest.mark.anyio
TEXT = "words that only people may read"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with running_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        yield collector


@pytest.fixture
def traced(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    assert collector.spans == []
    with running_server(tmp_path_factory.mktemp("traced") / "data", {"LIVE_DRAIN_S": "0.1"}) as server:
        yield server


async def test_a_live_command_is_traced_down_to_the_commit_and_the_news_of_it(
    tabs: Tabs, collector: Collector, traced: RunningServer
) -> None:
    ada = sign_up(traced, "Ada")
    tab = await tabs.full(ada, ada.get("/api/chats"))
    session = tab.frames[0]["session"]
    await tab.change("notification", message=TEXT)
    traced.stop()
    command = collector.one("SendNotification")
    assert _attributes(command)["chatsynth.session"] == session
    (group,) = collector.parts_of(command)
    assert (group.name, _attributes(group)["chatsynth.changes"]) == ("write group", "1")
    assert sorted(part.name for part in collector.parts_of(group)) == ["commit", "publish"]
    commit = next(part for part in collector.parts_of(group) if part.name == "commit")
    assert command.start_time_unix_nano <= commit.start_time_unix_nano <= commit.end_time_unix_nano
    assert commit.end_time_unix_nano <= command.end_time_unix_nano, "acknowledged after the commit"


async def test_a_request_is_traced_by_its_route_and_goes_on_with_the_trace_of_a_proxy(
    collector: Collector, traced: RunningServer
) -> None:
    ada = sign_up(traced, "Ada")
    trace_id, span_id = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    ada.post("/api/chats", {"title": TEXT}, traceparent=f"00-{trace_id}-{span_id}-01", X_Request_ID="r-1")
    traced.stop()
    request = collector.one("POST /api/chats")
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (trace_id, span_id)
    known = _attributes(request)
    assert (known["http.route"], known["http.response.status_code"]) == ("/api/chats", "201")
    assert known["chatsynth.request_id"] == "r-1"
    assert [part.name for part in collector.parts_of(request)] == ["write group"]


async def test_changes_that_share_a_transaction_are_linked_to_it(
    tabs: Tabs, collector: Collector, traced: RunningServer
) -> None:
    ada = sign_up(traced, "Ada")
    tab = await tabs.full(ada)
    for number in range(50):
        await tab.send("notification", op=f"n-{number}", message="many")
    for number in range(50):
        await tab.answer_to(f"n-{number}")
    traced.stop()
    commands = {span.span_id for span in collector.named("SendNotification")}
    groups = collector.named("write group")
    linked = [link.span_id for group in groups for link in group.links]
    assert len(commands) == 50
    assert {*linked, *(group.parent_span_id for group in groups)} >= commands
    assert len(linked) + len(groups) == sum(int(_attributes(group)["chatsynth.changes"]) for group in groups)


async def test_traces_hold_nothing_that_anyone_wrote_and_no_secret(
    tabs: Tabs, collector: Collector, traced: RunningServer
) -> None:
    ada = sign_up(traced, "Ada")
    tab = await tabs.full(ada)
    await tab.change("chat_create", chat={"title": TEXT, "messages": [{"content": TEXT}]})
    await tab.refused("chat_retitle", chat={"id": 10**6, "title": TEXT})
    ada.request("GET", f"/api/search?q={TEXT}")
    traced.http.get(f"{traced.base_url}/join/an-invitation")
    traced.stop()
    assert collector.services == {"chatsynth"}
    for secret in (TEXT, ada.token, ada.email, "an-invitation"):
        assert secret.encode() not in collector.raw


async def test_a_collector_that_is_gone_costs_nothing_but_the_traces(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    folder = tmp_path_factory.mktemp("untraced")
    with running_server(folder / "data", {"LIVE_DRAIN_S": "0.1"}, mistakes_expected=True) as server:
        ada = sign_up(server, "Ada")
        assert ada.new_chat(TEXT)["messages"][0]["content"] == TEXT


@pytest.mark.parametrize(
    ("environment", "is_on"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_SERVICE_NAME": "chat"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "True"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_traces_are_off_unless_the_environment_asks_for_them(environment: dict[str, str], is_on: bool) -> None:
    assert is_asked_for(environment) is is_on
    assert is_on or tracer_from(environment) is None


def test_without_the_extra_the_server_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert tracer_from({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}) is None
    assert "chatsynth[tracing]" in capsys.readouterr().out


def _attributes(span: object) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in span.attributes:  # type: ignore[attr-defined]
        found[each.key] = each.value.string_value or str(each.value.int_value)
    return found


def test_the_extra_is_named_in_the_package() -> None:
    assert "tracing = [" in (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
