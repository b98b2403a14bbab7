"""The reference of the metrics, and who may read them."""

import re
from pathlib import Path

import httpx
import pytest
from prometheus_client.metrics_core import Metric

from chatsynth.config import MetricsAccess, Settings
from chatsynth.database.migrate import migrate
from chatsynth.realtime.counts import EndReason
from chatsynth.server import create_app
from tests.harness.people import Person
from tests.harness.running_server import RunningServer
from tests.harness.scraping import scrape

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
GUIDE = PAGE.parents[1] / "guides" / "operations.md"
ROW = re.compile(r"^\| `([a-z_]+)` \| (counter|gauge|histogram) \| ([^|]*)\| (.+) \|$", re.MULTILINE)
Row = tuple[str, str, tuple[str, ...], str]


def test_the_reference_lists_exactly_the_metrics_that_exist(server: RunningServer, admin: Person) -> None:
    server.http.post(f"{server.base_url}/api/login", json={"email": "nobody@example.org", "password": "wrong"})
    rows = [(name, kind, tuple(re.findall(r"`(\w+)`", labels)), says) for name, kind, labels, says in _rows()]
    assert sorted(rows) == sorted(_row(family) for family in scrape(admin).families)


def _rows() -> list[tuple[str, str, str, str]]:
    return ROW.findall(PAGE.read_text(encoding="utf-8"))


def _row(family: Metric) -> Row:
    labels = {label for sample in family.samples for label in sample.labels} - {"le"}
    name = f"{family.name}_total" if family.type == "counter" else family.name
    return name, family.type, tuple(sorted(labels)), family.documentation


def test_the_reference_explains_every_reason_for_an_end() -> None:
    explained = re.findall(r"^\| (`[a-z_`, ]+`) \| [^|]+ \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(re.findall(r"`(\w+)`", " ".join(explained))) == sorted(EndReason)


def test_the_alerts_of_the_guide_ask_for_figures_and_labels_that_exist(admin: Person) -> None:
    samples = [sample for family in scrape(admin).families for sample in family.samples]
    known = {sample.name for sample in samples}
    values = {value for sample in samples for value in sample.labels.values()}
    rules = re.findall(r"^ *expr: (.+)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rules) > 10
    for rule in rules:
        assert set(re.findall(r"\b(?:chatsynth|process)_\w+", rule)) <= known, rule
        for asked in re.findall(r'\{\w+=~?"([^"]+)"\}', rule):
            assert set(asked.split("|")) <= values | {"500", "chatsynth"}, rule


def test_metrics_name_nobody_and_nothing_of_anybody(server: RunningServer, admin: Person) -> None:
    chat = admin.new_chat("a secret text", title="a secret title")
    admin.get(f"/api/chats/{chat['id']}")
    admin.request("GET", "/api/no-such-thing/secret")
    admin.request("PROPFIND", "/api/chats")
    server.http.get(f"{server.base_url}/join/secret-invitation")
    text = admin.request("GET", "/metrics").text
    assert "secret" not in text
    assert admin.email not in text
    assert "PROPFIND" not in text
    assert 'route="/api/chats/{chat_id}"' in text


def test_metrics_can_be_read_as_openmetrics(admin: Person) -> None:
    answer = admin.request("GET", "/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_only_an_administrator_may_read_them(server: RunningServer, ada: Person, admin: Person) -> None:
    assert server.http.get(f"{server.base_url}/metrics").status_code == 401
    assert ada.request("GET", "/metrics").status_code == 403
    assert admin.request("GET", "/metrics").status_code == 200


@pytest.mark.anyio
@pytest.mark.parametrize(("access", "status"), [("open", 200), ("off", 404), ("admin", 401)])
async def test_the_setting_opens_them_to_everybody_or_to_nobody(
    tmp_path: Path, access: MetricsAccess, status: int
) -> None:
    settings = Settings(data_dir=tmp_path, metrics=access)
    migrate(settings.database)
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as client:
        assert (await client.get("http://127.0.0.1/metrics")).status_code == status
