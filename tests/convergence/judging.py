"""The judge of histories, for people who type over real connections."""

from collections.abc import Sequence

from tests.harness.history import History, check, read_database, report
from tests.harness.live_client import Tabs
from tests.harness.typist import Typist


def no_rule_was_broken(tabs: Tabs, typists: Sequence[Typist]) -> None:
    """As one sees it who knows the frames and the database only. Everybody has come to rest."""
    for typist in typists:
        typist.has_heard_everything()
    server = typists[0].person.server
    loaded = [(typist.person.id, typist.loaded) for typist in typists]
    fresh = [(typist.person.id, typist.person.chat(typist.loaded["id"])) for typist in typists]
    findings = check(History(tabs.records, read_database(server.database), loaded, fresh))
    assert not findings, report(findings)
