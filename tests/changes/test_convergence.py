"""A server that rebases and editors that run the page's collaboration plugin all end with the same text."""

from dataclasses import dataclass, field
from typing import Literal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatsynth.changes import ChangeSet, Text, apply, compose, map_changes, rebase, rebase_all
from tests.changes.oracle import Oracle
from tests.changes.samples import Touch, edits, make, texts

Action = Literal["type", "send", "serve", "read"]
Step = tuple[int, Action, list[Touch]]

CLIENTS = ["ada", "ben", "cyd"]


@dataclass
class Server:
    """The smallest server: it orders what arrives, rebases it, applies it and logs it."""

    text: Text
    log: list[tuple[str, ChangeSet]] = field(default_factory=list)

    def commit(self, author: str, base: int, pending: list[ChangeSet]) -> None:
        for changes in rebase_all(pending, [entry for _, entry in self.log[base:]]):
            self.text = apply(changes, self.text)
            self.log.append((author, changes))


@dataclass
class Client:
    """A real editor and its line to the server, with at most one message on the way."""

    oracle: Oracle
    name: str
    read: int = 0
    on_the_way: list[tuple[int, list[ChangeSet]]] = field(default_factory=list)
    unconfirmed: int = 0

    def type(self, edit: list[Touch]) -> None:
        self.oracle.type(self.name, make(self.oracle.text(self.name), edit).to_json())

    def send(self) -> None:
        sendable = self.oracle.sendable(self.name)
        if sendable["changes"] and not self.unconfirmed:
            self.unconfirmed = len(sendable["changes"])
            self.on_the_way.append((sendable["version"], [ChangeSet.from_json(json) for json in sendable["changes"]]))

    def serve(self, server: Server) -> None:
        for base, pending in self.on_the_way:
            server.commit(self.name, base, pending)
        self.on_the_way.clear()

    def receive(self, server: Server) -> None:
        """Read one entry: editors take them one by one, as the server rebases."""
        if self.read < len(server.log):
            author, changes = server.log[self.read]
            self.oracle.receive(self.name, author, changes.to_json())
            self.unconfirmed -= author == self.name
            self.read += 1

    def settle(self, server: Server) -> None:
        while self.read < len(server.log):
            self.receive(server)


def run(oracle: Oracle, doc: str, steps: list[Step]) -> tuple[Server, list[str]]:
    """Play `steps`, deliver everything that is left, and return the server and what each editor shows."""
    server = Server(Text.of(doc))
    clients = [Client(oracle, name) for name in CLIENTS]
    for name in CLIENTS:
        oracle.open(name, doc)
    for index, action, edit in steps:
        client = clients[index]
        match action:
            case "type":
                client.type(edit)
            case "send":
                client.send()
            case "serve":
                client.serve(server)
            case "read":
                client.receive(server)
    for client in clients * 3:
        client.settle(server)
        client.send()
        client.serve(server)
    for client in clients:
        client.settle(server)
    return server, [oracle.text(name) for name in CLIENTS]


def schedules(edit: st.SearchStrategy[list[Touch]]) -> st.SearchStrategy[list[Step]]:
    actions: list[Action] = ["type", "type", "send", "serve", "read"]
    return st.lists(st.tuples(st.integers(0, 2), st.sampled_from(actions), edit), max_size=30)


@settings(max_examples=200)
@given(texts(), schedules(edits()))
@example(
    "ab",
    [
        (0, "type", [Touch(1, 0, "Q")]),
        (1, "type", [Touch(1, 0, "x")]),
        (1, "type", [Touch(1, 2, "z")]),
        (1, "send", []),
        (1, "serve", []),
        (0, "send", []),
        (0, "serve", []),
    ],
)
def test_cs12_three_editors_and_the_server_end_equal(oracle: Oracle, doc: str, steps: list[Step]) -> None:
    server, shown = run(oracle, doc, steps)
    assert shown == [str(server.text)] * len(CLIENTS)


@settings(max_examples=100)
@given(schedules(st.tuples(st.integers(0, 9)).map(lambda skip: [Touch(skip[0], 0, "?")])))
def test_cs12_whatever_was_inserted_is_there_once(oracle: Oracle, steps: list[Step]) -> None:
    named = [
        (client, action, [edit[0]._replace(insert=chr(0x4E00 + number))])
        for number, (client, action, edit) in enumerate(steps)
    ]
    typed = [edit[0].insert for _, action, edit in named if action == "type"]
    server, _ = run(oracle, "", named)
    assert sorted(str(server.text)) == sorted(typed)


@given(texts(), edits(), st.lists(edits(), max_size=4))
def test_cs12_committed_changes_stand_first(doc: str, late: list[Touch], committed: list[list[Touch]]) -> None:
    text, over = Text.of(doc), []
    for edit in committed:
        over.append(make(str(text), edit))
        text = apply(over[-1], text)
    changes = make(doc, late)
    expected = changes
    for entry in over:
        expected = map_changes(expected, entry, before=False)
    assert rebase(changes, iter(over)) == expected == rebase_all([changes], iter(over))[0]
    apply(expected, text)


def test_cs13_rebasing_goes_entry_by_entry_because_composing_forgets_an_order() -> None:
    late = ChangeSet.replace(2, 1, 1, "Q")
    entries = [ChangeSet.replace(2, 1, 1, "x"), ChangeSet.replace(3, 1, 3, "z")]
    committed = compose(*entries)
    text = apply(committed, Text.of("ab"))
    assert str(apply(rebase(late, entries), text)) == "azQ"
    assert str(apply(map_changes(late, committed), text)) == "aQz"


def test_cs12_a_rebase_over_nothing_changes_nothing() -> None:
    changes = ChangeSet.replace(3, 1, 2, "x")
    assert rebase(changes, []) is changes
    assert rebase_all([], [changes]) == ()
