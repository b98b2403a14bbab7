"""Schedules: which step is taken when, all of it from one seed; and what must be true at the end of each."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random

from tests.convergence import people
from tests.convergence.tab import Tab
from tests.convergence.world import World

SEATS = ("ada", "ada", "ben", "cleo", "dan")
"""Ada owns the chat and has two tabs; Cleo reads; Dan comes and goes."""
ALL = 10_000
MOSTLY = 0.9


@dataclass(frozen=True)
class Step:
    """`seed` decides everything inside the step, so that leaving out other steps changes it little."""

    act: str
    seat: int
    seed: int


Act = Callable[[World, Tab, Random], Awaitable[None] | None]


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
    world.tell()


def _sweep(world: World, _: Tab, random: Random) -> None:
    world.node.sweep(random.choice([1.0, 6.0, 20.0]))


async def _drain(world: World, _: Tab, __: Random) -> None:
    await world.drain()


async def _restart(world: World, _: Tab, __: Random) -> None:
    await world.restart()


def _prune(world: World, _: Tab, random: Random) -> None:
    world.prune(random)


# HTTP -----------------------------------------------------------------------------------------------


def _ask_over_http(world: World, tab: Tab, _: Random) -> None:
    world.ask(tab)


def _read_answer(world: World, tab: Tab, _: Random) -> None:
    world.read_answers(tab)


def _bring_answer(world: World, tab: Tab, _: Random) -> None:
    world.bring_answers(tab)


def _load(world: World, tab: Tab, random: Random) -> None:
    """The three moments of a question at once, as they mostly are."""
    for act in (_ask_over_http, _read_answer, _bring_answer):
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


async def _race_for_the_right(world: World, _: Tab, random: Random) -> None:
    """Dan asks for the chat, loses the right while the answer is under way, asks again, and others go on writing."""
    dan, owner = world.tabs[SEATS.index("dan")], world.tabs[0]
    parts: tuple[tuple[Tab, Act], ...] = (
        *((dan, act) for act in (people.leave_chat, people.follow_chat, _flow, _look_up_all)),
        *((owner, act) for act in (people.take_dans_right, _commit_all, _tell_all)),
        *((dan, act) for act in (_flow, _flow, _flow, _give_all_answers)),
        *((owner, act) for act in (people.retitle, _commit_all, _tell_all)),
    )
    for tab, act in parts:
        if random.random() < MOSTLY:
            act(world, tab, random)
        await world.node.rest()


def _look_up_all(world: World, tab: Tab, random: Random) -> None:
    for _ in SEATS:
        _look_up(world, tab, random)


def _give_all_answers(world: World, tab: Tab, random: Random) -> None:
    for _ in SEATS:
        _give_answer(world, tab, random)


def _commit_all(world: World, _: Tab, __: Random) -> None:
    world.node.commit(ALL)


def _tell_all(world: World, _: Tab, __: Random) -> None:
    while world.node.writer.has_untold:
        world.tell()


ACTS: dict[str, tuple[int, Act]] = {
    "type": (90, people.type_text),
    "delete_all": (3, people.delete_all),
    "send": (60, people.send),
    "restructure": (40, people.restructure),
    "save_whole": (5, people.save_whole),
    "save_from_outside": (5, people.save_from_outside),
    "save_plainly": (12, people.save_plainly),
    "notify": (4, people.notify),
    "create": (3, people.create),
    "members": (18, people.members),
    "show_presence": (30, people.show_presence),
    "leave_chat": (4, people.leave_chat),
    "follow_chat": (8, people.follow_chat),
    "import_again": (2, people.import_again),
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
    "drain": (1, _drain),
    "prune": (8, _prune),
    "ask": (15, _ask_over_http),
    "read_answer": (15, _read_answer),
    "bring_answer": (15, _bring_answer),
    "load": (30, _load),
    "race_for_the_right": (3, _race_for_the_right),
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
OF_TABS: tuple[Act, ...] = (_connect, people.follow_chat, people.send, _load)
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
        world.hear_plain()
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
