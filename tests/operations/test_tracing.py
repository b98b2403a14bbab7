"""Traces of a real server, as a collector gets them: from the request to the commit to the news of it."""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from chatsynth.config import Settings
from chatsynth.database.migrate import migrate
from chatsynth.features.accounts.service import add_account, create_token
from chatsynth.features.chats.wire import ChatTitle, RetitleChat
from chatsynth.node import Node
from chatsynth.operations.tracing import is_asked_for, tracer_from
from chatsynth.realtime.frames import Ack
from chatsynth.realtime.identity import Identity, Origin
from chatsynth.server import create_app
from tests.harness.collector import Collector, running_collector
from tests.harness.live_client import Tabs
from tests.harness.people import sign_up
from tests.harness.running_server import RunningServer, running_server

pytestmark = pytest.mark.anyio
TEXT = "words that only people may read"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with running_collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def traced(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        with running_server(tmp_path_factory.mktemp("traced") / "data") as server:
            yield server


async def _until(has_come: Callable[[], object]) -> None:
    """Spans are sent a moment after they ended."""
    async with asyncio.timeout(30):
        while not has_come():  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.02)


async def test_a_live_command_is_traced_down_to_the_commit_and_the_news_of_it(
    tabs: Tabs, collector: Collector, traced: RunningServer
) -> None:
    ada = sign_up(traced, "Ada")
    tab = await tabs.full(ada, ada.get("/api/chats"))
    session = tab.frames[0]["session"]
    await tab.change("notification", message=TEXT)
    await _until(lambda: len(_of_session(collector, session)) == 4)
    command = next(span for span in _of_session(collector, session) if span.name == "SendNotification")
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
    await _until(lambda: len([span for span in collector.spans if span.trace_id.hex() == trace_id]) == 4)
    request = next(span for span in collector.named("POST /api/chats") if span.parent_span_id.hex() == span_id)
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

    def commands() -> set[bytes]:
        session = tab.frames[0]["session"]
        return {each.span_id for each in collector.spans if _attributes(each).get("chatsynth.session") == session}

    def stored() -> list[bytes]:
        groups = [group for group in collector.named("write group") if group.parent_span_id in commands()]
        return [each for group in groups for each in (group.parent_span_id, *(link.span_id for link in group.links))]

    await _until(lambda: len(stored()) >= 50)
    assert sorted(stored()) == sorted(commands())


async def test_traces_hold_nothing_that_anyone_wrote_and_no_secret(
    tabs: Tabs, collector: Collector, traced: RunningServer
) -> None:
    ada = sign_up(traced, "Ada")
    tab = await tabs.full(ada)
    await tab.change("chat_create", chat={"title": TEXT, "messages": [{"content": TEXT}]})
    await tab.refused("chat_retitle", chat={"id": 10**6, "title": TEXT})
    ada.request("GET", f"/api/search?q={TEXT}")
    traced.http.get(f"{traced.base_url}/join/an-invitation")
    await _until(lambda: any("search" in span.name for span in collector.spans))
    await _until(lambda: any("(page)" in span.name for span in collector.spans))
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


Called = set[tuple[str, str]]
"""File of the product (or the library of traces) and function."""


async def test_without_traces_no_request_and_no_change_meets_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    called = await _called_by_a_request_and_a_change(tmp_path / "off")
    assert ("log/append.py", "append") in called  # also what the writer's thread calls is seen
    ours = {each for each in called if "trac" in each[0]}
    assert ours == {("kit/tracing.py", "here"), ("database/group_trace.py", "trace_group")}
    theirs = {name for file, name in called if file == "opentelemetry"}
    assert theirs <= {"get_current", "get_value"}  # FastAPI asks whether somebody traces
    with running_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        called = await _called_by_a_request_and_a_change(tmp_path / "on")
    assert {("operations/tracing.py", name) for name in ("span", "record", "within")} <= called
    assert ("opentelemetry", "start_span") in called


async def _called_by_a_request_and_a_change(data_dir: Path) -> Called:
    """What Python calls on any thread while a chat is made over HTTP and renamed by a command."""
    settings = Settings(data_dir=data_dir)
    migrate(settings.database)
    called: Called = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            called.add((_short(frame.f_code.co_filename), frame.f_code.co_name))

    threading.setprofile(note)
    app = create_app(settings)
    try:
        async with app.router.lifespan_context(app):
            node: Node = app.state.node
            user_id = await node.context.write(lambda unit: add_account(unit, "a@b.c", "Ada", "no hash", is_admin=True))
            token = (await node.context.write(lambda unit: create_token(unit, user_id, "tests", None)))[:2]
            sys.setprofile(note)
            await _make_and_rename_a_chat(app, node, Identity(user_id, "Ada", f"token:{token[0]}", None), token[1])
            sys.setprofile(None)
    finally:
        threading.setprofile(None)
    return called


def _short(file: str) -> str:
    return "opentelemetry" if "/opentelemetry/" in file else file.partition("/chatsynth/")[2]


async def _make_and_rename_a_chat(app: FastAPI, node: Node, identity: Identity, secret: str) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        made = await http.post("/api/chats", json={"title": "A"}, headers={"Authorization": f"Bearer {secret}"})
    command = RetitleChat(type="chat_retitle", op="r-1", chat=ChatTitle(id=made.json()["id"], title="B"))
    assert isinstance(await node.executor.execute(Origin(identity, "tests", None), command), Ack)


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


def _of_session(collector: Collector, session: str) -> list[Span]:
    """The spans of what a connection asked for, and what they led to."""
    traces = {each.trace_id for each in collector.spans if _attributes(each).get("chatsynth.session") == session}
    return [each for each in collector.spans if each.trace_id in traces]


def _attributes(span: Span) -> dict[str, str]:
    return {each.key: each.value.string_value or str(each.value.int_value) for each in span.attributes}
