"""One person edits, a thousand screens show it: deliveries a second on one core."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.library import (
    Person,
    SeededChat,
    add_chat,
    add_people,
    at_its_head,
    client_of,
    edit_slot,
    library_at,
    overwrite,
    sentence,
)
from benchmarks.load import Client, Load, Measurement, Slot
from benchmarks.processes import Server, compile_native, limit_server, product, tutorial_server
from benchmarks.report import Figure, Report, Target, ratios
from chatsynth.features.chats.wire import ChatUpdated, TextChange
from chatsynth.log.append import envelope

RECEIVERS = 1000
CONNECTIONS_OF_A_PERSON = 10
FRAME_BYTES = 262
MOST_OUTSTANDING = 16
EDITED_AT = 20
HOW = """One publisher and 1,000 receivers. The publisher sends the next message when an earlier one has reached
every receiver, with 1, 4 or 16 outstanding; a frame has 262 bytes. In ChatSynth every message is a real edit of a
shared chat: authenticated, checked, committed to SQLite with an fsync, acknowledged, logged, and then delivered, so
that nothing that a user would get is left out (presence would be cheaper, and is not what people wait for). The
references only hand on what they read. **limit**: C, epoll, framed once, one `send()` for each delivery.
**tutorial**: FastAPI, `for c in connections: await c.send_json(m)`. Servers on core 0, the load generator on core
1; the servers take turns, and a ratio is one of neighbouring runs. The load generator's headroom is shown by a
limit server that joins the frames of a burst into one `send()`, and by its share of processor time beside the limit
server."""

Cast = tuple[Sequence[Client], Sequence[Slot]]
"""Who connects, and what may be outstanding."""


@dataclass(slots=True)
class _Runs:
    """One kind of server, and what was measured with so many outstanding."""

    server: Server
    cast: Callable[[], Cast]
    found: dict[int, list[Measurement]] = field(default_factory=dict)

    def measure(self, load: Load, outstanding: int, messages: int) -> None:
        clients, slots = self.cast()
        warm_up = max(outstanding, messages // 10)
        one = load.fanout(self.server, clients, slots[:outstanding], messages, warm_up)
        self.found.setdefault(outstanding, []).append(one)

    def rates(self, outstanding: int) -> list[float]:
        return [one.deliveries_per_s for one in self.found[outstanding]]


def fanout(bench: Bench) -> Report:
    """A full run takes about five minutes."""
    with _servers(bench) as servers:
        load = bench.load()
        for outstanding in (1, 4, MOST_OUTSTANDING):
            for _ in range(bench.pairs):
                for name, runs in servers.items():
                    runs.measure(load, outstanding, bench.scaled(60 if name == "tutorial" else 200, 30))
    return Report("fanout", "Fan-out", HOW, tuple(_figures(servers)))


@contextmanager
def _servers(bench: Bench) -> Iterator[dict[str, _Runs]]:
    """In an order in which the product runs beside both of its references."""
    data = bench.data()
    with library_at(data) as library:
        people = add_people(library, RECEIVERS // CONNECTIONS_OF_A_PERSON + 1)
        chat = add_chat(library, people, [sentence(200)] * MOST_OUTSTANDING)
    with ExitStack() as stack:
        program = compile_native(bench.folder, "limit_server")
        limit = stack.enter_context(limit_server(program))
        joined = stack.enter_context(limit_server(program, "--join"))
        tutorial = stack.enter_context(tutorial_server())
        own = stack.enter_context(product(data))
        yield {
            "limit": _Runs(limit, _reference_cast),
            "product": _Runs(own, lambda: _product_cast(data, people, chat)),
            "tutorial": _Runs(tutorial, _reference_cast),
            "joined": _Runs(joined, _reference_cast),
        }


def _product_cast(data: Path, people: Sequence[Person], seeded: SeededChat) -> Cast:
    publisher, *receivers = people
    (chat,) = at_its_head(data, [seeded])
    word = _padded_word(chat, publisher)
    receiving = [client_of(person, [chat]) for person in receivers for _ in range(CONNECTIONS_OF_A_PERSON)]
    slots = [edit_slot(RECEIVERS, chat, message_id, sentence(200), EDITED_AT, word) for message_id in chat.message_ids]
    return [*receiving, client_of(publisher, [])], slots


def _padded_word(chat: SeededChat, publisher: Person) -> str:
    """What to type so that the entry that comes back has FRAME_BYTES."""
    slot = edit_slot(RECEIVERS, chat, chat.message_ids[0], sentence(200), EDITED_AT)
    op = slot.template.partition('"op":"')[2].partition('"')[0].replace("@R@", "0" * 8).replace("@N@", "0" * 10)
    changes = overwrite(sentence(200), EDITED_AT, "0" * 10)
    body = ChatUpdated(chat=TextChange(id=chat.id, message_id=chat.message_ids[0], changes=changes))
    entry = envelope(chat.channel, chat.head, op, publisher.id, 1_790_000_000_000, body.wire_json())
    return "@N@" + sentence(FRAME_BYTES - len(entry))


def _reference_cast() -> Cast:
    empty = '{"type":"chat_updated","op":"0000000000","content":""}'
    content = sentence(FRAME_BYTES - len(empty))
    message = f'{{"type":"chat_updated","op":"@N@","content":"{content}"}}'
    return [Client("/ws/1", "-")] * (RECEIVERS + 1), [Slot(RECEIVERS, 0, message)] * MOST_OUTSTANDING


def _figures(servers: dict[str, _Runs]) -> Iterator[Figure]:
    own, limit, tutorial, joined = (servers[name] for name in ("product", "limit", "tutorial", "joined"))
    first_of_all = {1: Target(0.5, 0.8, "higher"), MOST_OUTSTANDING: Target(1.0, 3.0, "higher")}
    for outstanding in own.found:
        label = f"{outstanding} outstanding"
        to_limit = ratios(own.rates(outstanding), limit.rates(outstanding))
        to_tutorial = ratios(own.rates(outstanding), tutorial.rates(outstanding))
        yield Figure(f"ChatSynth / limit, {label}", "", to_limit, first_of_all.get(outstanding))
        to_beat = Target(2.0, 2.0, "higher") if outstanding == 1 else None
        yield Figure(f"ChatSynth / tutorial FastAPI, {label}", "", to_tutorial, to_beat)
    for name, runs in servers.items():
        for outstanding in runs.found:
            rates = tuple(rate / 1000 for rate in runs.rates(outstanding))
            yield Figure(f"{name}, {outstanding} outstanding", "k deliveries/s", rates)
    for outstanding, found in own.found.items():
        until_last = tuple(one.p50_ms for one in found)
        yield Figure(
            f"ChatSynth: sent until the last receiver has it, p50, {outstanding} outstanding", "ms", until_last
        )
    yield Figure("frame in ChatSynth", "bytes", tuple(one.frame_bytes for one in own.found[1]))
    yield Figure("load generator's share of its core, limit", "", tuple(one.load_busy for one in limit.found[1]))
    headroom = ratios(joined.rates(MOST_OUTSTANDING), limit.rates(MOST_OUTSTANDING))
    yield Figure("joined / limit, 16 outstanding: what the load generator takes", "", headroom)
