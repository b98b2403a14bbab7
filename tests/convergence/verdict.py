"""A history from its first moment to its rest, and what must be true then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from structlog.testing import capture_logs

from chatsynth.features.chats.plain import visible_messages
from tests.convergence.intent import misunderstandings
from tests.convergence.marks import marks_in
from tests.convergence.schedules import SEATS, come_to_rest
from tests.convergence.tab import Tab
from tests.convergence.world import Cast, World
from tests.harness.history import History, check, read_database, report
from tests.harness.person_list import comparable_lists
from tests.harness.replica import comparable


@asynccontextmanager
async def judged(cast: Cast) -> AsyncIterator[World]:
    """Everybody is there when it begins; when it ends they come to rest, and are compared."""
    with capture_logs() as logged:
        world = World(cast, SEATS)
        await world.node.start()
        try:
            await come_to_rest(world)
            yield world
            await come_to_rest(world)
            nothing_is_wrong(world)
        finally:
            await world.node.crash()
    mistakes = [each for each in logged if each["log_level"] not in ("debug", "info", "warning")]
    assert not mistakes, "the server made mistakes"


def nothing_is_wrong(world: World) -> None:
    _everything_is_equal(world)
    _everybody_knows_who_is_there(world)
    _no_rule_was_broken(world)
    _everybody_is_understood(world)


def _everything_is_equal(world: World) -> None:
    for tab in world.tabs:
        lists = world.snapshot(tab, "lists")
        assert tab.lists is not None
        assert lists is not None
        assert comparable_lists(tab.lists) == comparable_lists(lists)
        fresh = world.snapshot(tab, "chat")
        if fresh is None:
            assert tab.editor is None
            continue
        assert tab.editor is not None
        assert comparable(tab.editor.chat) == comparable(fresh)
        assert [tab.editor.shown(message["id"]) for message in tab.editor.messages] == _transcript(world, tab)


def _transcript(world: World, tab: Tab) -> list[str]:
    """What an export would hold."""
    fresh = world.snapshot(tab, "chat")
    assert fresh is not None
    hidden = {message["id"]: message["content"] for message in fresh["messages"] if message["hidden"]}
    visible = {each.id: each.content for each in world.node.read(lambda db: visible_messages(db, tab.chat_id))}
    return [(hidden | visible)[message["id"]] for message in fresh["messages"]]


def _everybody_knows_who_is_there(world: World) -> None:
    """As the others have said of themselves since they came; who left is gone (rules PRE2, PRE3)."""
    lines = [(tab, tab.line.presence) for tab in world.tabs if tab.line is not None]
    for tab, seen in lines:
        here = {
            each.session: (other.user_id, world.cast.name_of(other.user_id), each.own)
            for other, each in lines
            if other is not tab and each.is_here and each.own is not None
        }
        assert seen.is_here == (tab.editor is not None)
        assert seen.others == (here if seen.is_here else {})


def _no_rule_was_broken(world: World) -> None:
    records = [record for tab in world.tabs for record in tab.records]
    records += [plain.record for plain, _ in world.plain_tabs]
    for tab in world.tabs:
        tab.records[-1].settled = True
    loaded = [(tab.user_id, snapshot) for tab in world.tabs for snapshot in tab.loaded_chats]
    fresh = [(tab.user_id, snapshot) for tab in world.tabs if (snapshot := world.snapshot(tab, "chat"))]
    findings = check(History(records, read_database(world.cast.database), loaded, fresh))
    assert not findings, report(findings)
    assert [frame for cable in world.all_cables for frame in cable.late] == [], "written after the end of a right"


def _everybody_is_understood(world: World) -> None:
    """What was written and not taken out on purpose is there once, and nothing else is."""
    database = read_database(world.cast.database)
    for tab in world.tabs:
        for op, (message_id, typed) in tab.typed.items():
            world.intents.typed((tab.user_id, op), message_id, typed)
    for plain, _ in world.plain_tabs:
        for op, (message_id, saved) in plain.saved.items():
            world.intents.typed((plain.user_id, op), message_id, [saved])
    done = {(each.user_id, each.op): (each.channel, each.offset) for each in database.ops}
    wrong = list(misunderstandings(world.intents, done, database.texts))
    assert not wrong, "\n".join(wrong[:10])
    for plain, cable in world.plain_tabs[-1:]:
        if not cable.server_is_gone:
            for message_id, text in plain.heard.items():
                assert marks_in(text) == marks_in(database.texts[message_id])
