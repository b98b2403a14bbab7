"""Finding words among a million messages."""

import http.client
import itertools
import json
import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import quote

from benchmarks.bench import Bench
from benchmarks.library import Person, add_chat, add_people, library_at
from benchmarks.processes import Server, product
from benchmarks.report import Figure, Report, Target, ratios
from chatsynth.database.bulk import insert_rows
from chatsynth.database.unit import Unit
from chatsynth.features.chats.tables import messages
from chatsynth.realtime.publication import AfterCommit
from chatsynth.web.context import Context

MESSAGES = 1_000_000
WORDS_IN_A_MESSAGE = 40
VOCABULARY = 50_000
MESSAGES_OF_A_CHAT = 500
QUERIES_OF_A_KIND = 40
ROWS_AT_ONCE = 5000
HOW = """One person's library of 1,000,000 messages of 40 words, in chats of 500; words are as frequent as in a
natural language (Zipf's law, 50,000 words). Each search is one request over HTTP, newest first, with snippets: the
time until the whole answer has been read. The kinds: a frequent word, a rare one, two words, an unfinished word of
two letters (what is asked while somebody types), words that occur nowhere together. **Reference**: SQLite's FTS5 on
the same file and in the same minute, the row numbers of the newest 31 hits and nothing else. Messages are written
as an import writes them, many rows with one statement."""


def search(bench: Bench) -> Report:
    """A full run takes about five minutes, half of it for writing the messages."""
    count = bench.scaled(MESSAGES, MESSAGES // 20)
    data = bench.data()
    dice = random.Random(1)  # the same words in every run
    vocabulary = _vocabulary(dice)
    with library_at(data) as library:
        (person,) = add_people(library, 1)
        chats = [add_chat(library, [person], []).id for _ in range(count // MESSAGES_OF_A_CHAT)]
        _fill(library, chats, vocabulary, dice)
    kinds = _queries(vocabulary, dice)
    own: list[dict[str, list[float]]] = []
    alone: list[dict[str, list[float]]] = []
    with product(data) as server:
        for _ in range(bench.pairs):
            alone.append({kind: _search_alone(data / "chatsynth.sqlite3", asked) for kind, asked in kinds.items()})
            own.append({kind: _search(server, person, asked) for kind, asked in kinds.items()})
    return Report("search", f"Search over {count:,} messages", HOW, tuple(_figures(own, alone)))


def _vocabulary(dice: random.Random) -> list[str]:
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        words["".join(dice.choices(letters, weights=range(26, 0, -1), k=dice.randint(3, 10)))] = None
    return list(words)


def _fill(library: Context, chats: Sequence[int], vocabulary: Sequence[str], dice: random.Random) -> None:
    cumulative = list(itertools.accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
    rows = (
        (chat, "user", " ".join(dice.choices(vocabulary, cum_weights=cumulative, k=WORDS_IN_A_MESSAGE)), 1790000000000)
        for chat in chats
        for _ in range(MESSAGES_OF_A_CHAT)
    )
    while some := list(itertools.islice(rows, ROWS_AT_ONCE)):
        library.writer.run(partial(_insert, some))


def _insert(rows: Sequence[Sequence[object]], unit: Unit[AfterCommit]) -> None:
    insert_rows(unit.db, messages, ("chat_id", "role", "text", "created_at"), rows)


def _queries(vocabulary: Sequence[str], dice: random.Random) -> dict[str, list[str]]:
    frequent, rare = vocabulary[:200], vocabulary[20_000:]

    def some(of: Sequence[str]) -> list[str]:
        return dice.choices(of, k=QUERIES_OF_A_KIND)

    return {
        "a frequent word": some(frequent),
        "a rare word": some(rare),
        "two words": [f"{one} {other}" for one, other in zip(some(frequent), some(frequent), strict=True)],
        "two letters": [word[:2] for word in some(vocabulary)],
        "nowhere together": [f"{one} {other}" for one, other in zip(some(rare), some(rare), strict=True)],
    }


def _search(server: Server, person: Person, queries: Sequence[str]) -> list[float]:
    """Times in ms."""
    headers = {"Authorization": f"Bearer {person.token}"}
    times = []
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
        for query in queries:
            began = time.perf_counter()
            connection.request("GET", f"/api/search?q={quote(query)}", headers=headers)
            answer = connection.getresponse()
            json.loads(answer.read())
            times.append((time.perf_counter() - began) * 1000)
            if answer.status != http.HTTPStatus.OK:
                raise RuntimeError(f"The search was answered with {answer.status}.")
    return times


def _search_alone(path: Path, queries: Sequence[str]) -> list[float]:
    sql = "SELECT rowid FROM messages_fts WHERE messages_fts MATCH ? ORDER BY rowid DESC LIMIT 31"
    times = []
    with closing(sqlite3.connect(path)) as db:
        for query in queries:
            began = time.perf_counter()
            db.execute(sql, [" ".join(f'"{word}"' for word in query.split()) + "*"]).fetchall()
            times.append((time.perf_counter() - began) * 1000)
    return times


def _figures(own: Sequence[dict[str, list[float]]], alone: Sequence[dict[str, list[float]]]) -> Iterator[Figure]:
    all_own = [_p95([each for times in run.values() for each in times]) for run in own]
    all_alone = [_p95([each for times in run.values() for each in times]) for run in alone]
    yield Figure("all kinds, p95", "ms", tuple(all_own), Target(200, 30, "lower"))
    yield Figure("SQLite alone, all kinds, p95", "ms", tuple(all_alone))
    yield Figure("ChatSynth / SQLite alone, p95", "", ratios(all_own, all_alone))
    for kind in own[0]:
        yield Figure(f"{kind}, p95", "ms", tuple(_p95(run[kind]) for run in own))


def _p95(times: Sequence[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]
