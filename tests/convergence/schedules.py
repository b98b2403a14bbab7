"""Schedules: which step is taken when, all of it from one seed; and what must be true at the end of each."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random

from tests.changes.samples import random_text
from tests.convergence.again import import_into, newer_form
from tests.convergence.tab import Tab
from tests.convergence.world import World
from tests.harness.json_types import JsonDict
from tests.harness.live_client import new_op

SEATS = ("ada", "ada", "ben", "cleo", "dan")
"""Ada owns the chat and has two tabs; Cleo reads; Dan comes and goes."""
SHARED_WITH = ("cleo", "dan", "dan", "ben")
ALL = 10_000
HUGE = 3_000


@dataclass(frozen=True)
class Step:
    """`seed` decides everything inside the step, so that leaving out other steps changes it little."""

    act: str
    seat: int
    seed: int


Act = Callable[[World, Tab, Random], Awaitable[None] | None]


# What people do -------------------------------------------------------------------------------------


def _type(_: World, tab: Tab, random: Random) -> None:
    """Into any message that is known, also one that somebody has removed."""
    if tab.editor is None or not (known := _known(tab)):
        return
    message_id = random.choice(known)
    text = tab.editor.shown(message_id)
    start = random.randint(0, len(text))
    end = min(len(text), start + random.choice([0, 0, 0, 1, 3, ALL]))
    insert = random_text(random, 4) if random.random() < 0.97 else random_text(random, 12) * (HUGE // 12)
    tab.editor.type(message_id, _units(text[:start]), _units(text[:end]), insert)


def _delete_all(_: World, tab: Tab, random: Random) -> None:
    if tab.editor is not None and (known := _known(tab)):
        message_id = random.choice(known)
        tab.editor.type(message_id, 0, _units(tab.editor.shown(message_id)), "")


def _known(tab: Tab) -> list[int]:
    assert tab.editor is not None
    return [*(message["id"] for message in tab.editor.messages), *tab.editor.removed]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _send(world: World, tab: Tab, _: Random) -> None:
    tab.send_what_waits()
    world.flush(tab)


def _restructure(world: World, tab: Tab, random: Random) -> None:
    if tab.editor is not None:
        tab.ask({**random.choice(_structural(tab, random)), "op": new_op()})
        world.flush(tab)


def _structural(tab: Tab, random: Random) -> list[JsonDict]:
    assert tab.editor is not None
    known, shown = _known(tab), [message["id"] for message in tab.editor.messages]
    chat = {"id": tab.chat_id}
    new = {"content": random_text(random, 6).replace("\n", "\r\n"), "role": random.choice(["user", "assistant"])}
    after = random.choice([None, "end", *shown])
    frames: list[JsonDict] = [
        {"type": "message_add", "chat": chat, "message": new, "after": after},
        {"type": "chat_retitle", "chat": {**chat, "title": random_text(random, 6)}},
        {"type": random.choice(["chat_delete", "chat_restore"]), "chat": chat},
        {"type": "chat_archive", "chat": chat, "archived": random.random() < 0.5},
        {"type": "notification", "message": f"told {random.randint(0, 99)}"},
        {"type": "notifications_read", "upTo": random.randint(0, 30)},
    ]
    if not known:
        return frames
    message = {**chat, "messageId": random.choice(known)}
    siblings = [each for shown_one in tab.editor.messages for each in shown_one["siblings"]] or known
    frames += [
        {"type": "message_move", "chat": message, "after": random.choice([None, *known])},
        {"type": "message_remove", "chat": message},
        {"type": "message_restore", "chat": message},
        {"type": "message_add", "chat": chat, "message": new, "after": random.choice(siblings)},
        {"type": "branch_select", "chat": {**chat, "messageId": random.choice(siblings)}},
    ]
    return frames


def _save_whole(world: World, tab: Tab, random: Random) -> None:
    """The whole chat at once, made from what this tab has, in either form."""
    if tab.editor is None:
        return
    shown = [{"id": each["id"], "role": each["role"], "content": each["content"]} for each in tab.editor.messages]
    if shown and random.random() < 0.5:
        random.choice(shown)["content"] += "\r\n🥊"
    if shown and random.random() < 0.3:
        shown.pop(random.randrange(len(shown)))
    if random.random() < 0.3:
        shown.insert(random.randint(0, len(shown)), {"role": "assistant", "content": random_text(random, 4)})
    content = shown if random.random() < 0.5 else _transcript(shown)
    chat = {"id": tab.chat_id, "base": tab.editor.offset, "content": content}
    tab.ask({"type": "chat_update", "op": new_op(), "chat": chat})
    world.flush(tab)


def _transcript(messages: Sequence[JsonDict]) -> str:
    return "\n\n".join(f"## {each['role'].capitalize()}\n\n{each['content']}" for each in messages)


def _save_from_outside(world: World, tab: Tab, random: Random) -> None:
    """A program that saves a message over HTTP, against a version that it read long ago."""
    if not tab.loaded_chats:
        return
    had = random.choice(tab.loaded_chats)
    if had["messages"]:
        message = random.choice(had["messages"])
        content = f"{message['content']}\r\nsaved {random.randint(0, 99)}"
        target = {"id": tab.chat_id, "messageId": message["id"], "base": had["offset"], "content": content}
        world.command(tab.user_id, {"type": "chat_update", "chat": target})


def _members(world: World, _: Tab, random: Random) -> None:
    """The owner gives, changes and takes rights."""
    name, ada = random.choice(SHARED_WITH), world.cast.people["ada"]
    chat = {"id": world.cast.chat_id}
    if name == "dan" and random.random() < 0.6:
        frame: JsonDict = {"type": "chat_unshare", "chat": chat, "userId": world.cast.people[name]}
    else:
        role = random.choice(["editor", "viewer"]) if name != "ben" else "editor"
        frame = {"type": "chat_share", "chat": chat, "email": world.cast.email(name), "role": role}
    world.command(ada, frame)


def _import_again(world: World, _: Tab, random: Random) -> None:
    import_into(world.cast.database, world.cast.source, world.cast.people["ada"], newer_form(random))


# What happens to cables -----------------------------------------------------------------------------


def _connect(world: World, tab: Tab, random: Random) -> None:
    world.connect(tab, random)


def _leave(world: World, tab: Tab, _: Random) -> None:
    world.leave_half_open(tab)


def _break(world: World, tab: Tab, random: Random) -> None:
    cable = world.cable_of(tab)
    if cable is not None:
        cable.break_down(random.randint(0, 3), random.randint(0, 3))


def _notice(world: World, tab: Tab, random: Random) -> None:
    """The server learns that a tab is gone which left long ago."""
    gone = [cable for each, cable in world.cables if each is tab and cable.tab_is_gone and not cable.server_is_gone]
    if gone:
        random.choice(gone).server_notices()


def _up(world: World, tab: Tab, random: Random) -> None:
    """Of an old cable as well: frames that the tab sends again may come before those that it sent first."""
    cables = [cable for each, cable in world.cables if each is tab and not cable.server_is_gone]
    if cables:
        random.choice(cables).deliver_up(random.choice([1, 3, ALL]))


def _down(world: World, tab: Tab, random: Random) -> None:
    world.hear(tab, random.choice([1, 3, ALL]))


def _beat(world: World, tab: Tab, _: Random) -> None:
    tab.beat()
    world.flush(tab)


# What happens in the server -------------------------------------------------------------------------


def _look_up(world: World, _: Tab, random: Random) -> None:
    world.node.look_up(random.randrange(ALL))


def _give_answer(world: World, _: Tab, random: Random) -> None:
    world.node.give_answer(random.randrange(ALL))


def _commit(world: World, _: Tab, random: Random) -> None:
    world.node.commit(random.choice([1, 2, ALL]))


def _tell(world: World, _: Tab, __: Random) -> None:
    world.node.tell()


def _sweep(world: World, _: Tab, random: Random) -> None:
    world.node.sweep(random.choice([1.0, 6.0, 20.0]))


async def _restart(world: World, _: Tab, __: Random) -> None:
    await world.restart()


def _prune(world: World, _: Tab, random: Random) -> None:
    world.prune(random)


# HTTP -----------------------------------------------------------------------------------------------


def _ask(world: World, tab: Tab, _: Random) -> None:
    world.ask(tab)


def _read_answer(world: World, tab: Tab, _: Random) -> None:
    world.read_answers(tab)


def _bring_answer(world: World, tab: Tab, _: Random) -> None:
    world.bring_answers(tab)


def _load(world: World, tab: Tab, random: Random) -> None:
    """The three moments of a question at once, as they mostly are."""
    for act in (_ask, _read_answer, _bring_answer):
        act(world, tab, random)


def _flow(world: World, tab: Tab, _: Random) -> None:
    """All that one tab sends and gets, as on a good cable."""
    cable = world.cable_of(tab)
    if cable is not None:
        cable.deliver_up(ALL)
        world.hear(tab, ALL)


def _serve(world: World, tab: Tab, random: Random) -> None:
    """What waits in the server, as without load."""
    for act in (_look_up, _give_answer, _commit, _tell):
        act(world, tab, random)


ACTS: dict[str, tuple[int, Act]] = {
    "type": (90, _type),
    "delete_all": (3, _delete_all),
    "send": (60, _send),
    "restructure": (25, _restructure),
    "save_whole": (5, _save_whole),
    "save_from_outside": (5, _save_from_outside),
    "members": (14, _members),
    "import_again": (2, _import_again),
    "connect": (40, _connect),
    "leave": (8, _leave),
    "break": (8, _break),
    "notice": (4, _notice),
    "up": (70, _up),
    "down": (70, _down),
    "beat": (5, _beat),
    "look_up": (50, _look_up),
    "give_answer": (50, _give_answer),
    "commit": (60, _commit),
    "tell": (60, _tell),
    "sweep": (4, _sweep),
    "restart": (2, _restart),
    "prune": (8, _prune),
    "ask": (15, _ask),
    "read_answer": (15, _read_answer),
    "bring_answer": (15, _bring_answer),
    "load": (30, _load),
    "flow": (120, _flow),
    "serve": (120, _serve),
}


def schedule(seed: int, length: int) -> list[Step]:
    random = Random(seed)
    names, weights = list(ACTS), [weight for weight, _ in ACTS.values()]
    return [
        Step(act, random.randrange(len(SEATS)), random.getrandbits(32))
        for act in random.choices(names, weights, k=length)
    ]


async def play(world: World, steps: Sequence[Step]) -> None:
    for step in steps:
        _, act = ACTS[step.act]
        doing = act(world, world.tabs[step.seat], Random(step.seed))
        if doing is not None:
            await doing
        await world.node.rest()


ROUNDS_TO_REST = 600
OF_TABS: tuple[Act, ...] = (_connect, _send, _load)
OF_THE_SERVER: tuple[Act, ...] = (_serve,)


async def come_to_rest(world: World, tabs: Sequence[Tab] | None = None) -> None:
    """No more faults: everything that waits happens, until nothing does. `tabs` are those that are there, else all."""
    present = world.tabs if tabs is None else tabs
    for _ in range(ROUNDS_TO_REST):
        for tab in present:
            _take_steps(world, tab, OF_TABS)
        for tab, cable in world.cables:
            if cable.tab_is_gone and not cable.server_is_gone:
                cable.server_notices()
            cable.deliver_up(ALL)
            if not cable.tab_is_gone:
                world.hear(tab, ALL)
        for _ in range(5):
            await world.node.rest()
            _take_steps(world, world.tabs[0], OF_THE_SERVER)
        await world.node.rest()
        if world.is_quiet(present):
            return
    raise AssertionError(f"never came to rest: {[(tab.name, tab.is_settled, tab.wants) for tab in present]}")


def _take_steps(world: World, tab: Tab, acts: Sequence[Act]) -> None:
    random = Random(0)
    for act in acts:
        act(world, tab, random)
