"""Histories speak the whole protocol: each kind of frame is said in them, or a reason why not stands here."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

from tests.convergence.cast import beginning
from tests.convergence.schedules import play, schedule
from tests.convergence.verdict import judged
from tests.convergence.world import Cast, copied
from tests.harness.json_types import JsonDict

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "asyncapi.json"
SEEDS = (7, 9, 11)
"""Chosen so that together they say all of it; after a change of the schedules, others may have to be."""
STEPS = 400
NOT_PLAYED = {
    ("received", "chat_created"): "the first entry of a log, before any snapshot to follow it from: tests/wire",
    ("received", "import_changed"): "how a job of another process goes on, in no log: tests/protocol/test_states.py",
}
Said = tuple[str, str]


def test_every_kind_of_frame_is_played_or_has_a_reason(tmp_path: Path) -> None:
    cast = beginning(tmp_path)
    said = {each for seed in SEEDS for each in asyncio.run(_said_in(copied(cast, _folder(tmp_path, seed)), seed))}
    assert said.isdisjoint(NOT_PLAYED)
    assert sorted(_vocabulary() - said - NOT_PLAYED.keys()) == []


def _vocabulary() -> set[Said]:
    """What the protocol's own document knows."""
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    names = {name: message["name"] for name, message in document["components"]["messages"].items()}
    words = {"receive": "sent", "send": "received"}  # the document speaks for the server, records for clients
    return {
        (way, names[message["$ref"].rpartition("/")[2]])
        for operation, way in words.items()
        for message in document["operations"][operation]["messages"]
    } | {("received", name) for name in ("plain chat_updated", "presence of all", "presence of one")}


async def _said_in(cast: Cast, seed: int) -> set[Said]:
    async with judged(cast) as world:
        await play(world, schedule(seed, STEPS))
    records = [record for tab in world.tabs for record in tab.records]
    records += [plain.record for plain, _ in world.plain_tabs]
    return {(way, name) for record in records for way, frame in record.frames for name in _names(frame)}


def _names(frame: JsonDict) -> Iterator[str]:
    yield frame["type"]
    if frame["type"] == "chat_updated" and "at" not in frame:
        yield "plain chat_updated"
    if frame["type"] == "presence" and "full" in frame:
        yield "presence of all" if frame["full"] else "presence of one"


def _folder(path: Path, seed: int) -> Path:
    folder = path / str(seed)
    folder.mkdir()
    return folder
