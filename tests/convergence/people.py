"""What the people of a history do; what they mean by it is noted where they do it."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tests.changes.samples import random_text
from tests.convergence.again import import_into, newer_form
from tests.convergence.intent import Meant
from tests.convergence.marks import marks_in
from tests.convergence.tab import Tab
from tests.convergence.world import World
from tests.harness.editor import Typed
from tests.harness.json_types import JsonDict
from tests.harness.live_client import new_op

SHARED_WITH = ("cleo", "dan", "dan", "ben")
"""Whose rights change: Ben edits and Cleo is there all the time, Dan comes and goes."""
WHOLE = 10_000
HUGE = 3_000


def type_text(world: World, tab: Tab, random: Random) -> None:
    """Into any message that is known, also one that somebody has removed."""
    if tab.editor is None or not (known := _known(tab)):
        return
    message_id = random.choice(known)
    text = tab.editor.shown(message_id)
    start = random.randint(0, len(text))
    end = min(len(text), start + random.choice([0, 0, 0, 1, 3, WHOLE]))
    insert = random_text(random, 4) if random.random() < 0.97 else random_text(random, 12) * (HUGE // 12)
    tab.editor.type(message_id, _units(text[:start]), _units(text[:end]), world.marks.put_into(insert))


def delete_all(_: World, tab: Tab, random: Random) -> None:
    if tab.editor is not None and (known := _known(tab)):
        message_id = random.choice(known)
        tab.editor.type(message_id, 0, _units(tab.editor.shown(message_id)), "")


def _known(tab: Tab) -> list[int]:
    assert tab.editor is not None
    return [*(message["id"] for message in tab.editor.messages), *tab.editor.removed]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def send(world: World, tab: Tab, _: Random) -> None:
    tab.send_what_waits()
    world.flush(tab)


def restructure(world: World, tab: Tab, random: Random) -> None:
    if tab.editor is not None:
        _ask(world, tab, random.choice(_structural(world, tab, random)))


def _ask(world: World, tab: Tab, frame: JsonDict) -> str:
    """The name of the change. What it writes counts if it takes effect."""
    op = new_op()
    pieces = [message["content"] for message in (frame.get("message"), *frame["chat"].get("messages", ())) if message]
    wrote = frozenset(mark for text in pieces for mark in marks_in(text))
    world.intents.add(Meant((tab.user_id, op), wrote))
    tab.ask({**frame, "op": op})
    world.flush(tab)
    return op


def _structural(world: World, tab: Tab, random: Random) -> list[JsonDict]:
    assert tab.editor is not None
    known, shown = _known(tab), [message["id"] for message in tab.editor.messages]
    chat = {"id": tab.chat_id}
    content = world.marks.put_into(random_text(random, 6)).replace("\n", "\r\n")
    new = {"content": content, "role": random.choice(["user", "assistant"])}
    after = random.choice([None, "end", *shown])
    frames: list[JsonDict] = [
        {"type": "message_add", "chat": chat, "message": new, "after": after},
        {"type": "chat_retitle", "chat": {**chat, "title": random_text(random, 6)}},
        {"type": random.choice(["chat_delete", "chat_restore"]), "chat": chat},
        {"type": "chat_archive", "chat": chat, "archived": random.random() < 0.5},
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


def notify(world: World, tab: Tab, random: Random) -> None:
    told: JsonDict = {"type": "notification", "message": f"told {random.randint(0, 99)}"}
    read: JsonDict = {"type": "notifications_read", "upTo": random.randint(0, 30)}
    tab.ask({**random.choice([told, read]), "op": new_op()})
    world.flush(tab)


def create(world: World, tab: Tab, random: Random) -> None:
    """Another chat, and a message in it before its number is known (rule REF1)."""
    first, second = ({"content": world.marks.put_into(random_text(random, 4)), "role": "user"} for _ in range(2))
    op = _ask(world, tab, {"type": "chat_create", "chat": {"title": "Another", "messages": [first]}})
    _ask(world, tab, {"type": "message_add", "chat": {"id": op}, "message": second, "after": "end"})


def save_whole(world: World, tab: Tab, random: Random) -> None:
    """The whole chat at once, made from what this tab has, in either form."""
    if tab.editor is None or tab.editor.needs_snapshot:
        return
    shown = [each for each in tab.editor.messages if not each["hidden"]]
    messages: list[JsonDict] = [{"id": each["id"], "role": each["role"], "content": each["content"]} for each in shown]
    is_list, op = random.random() < 0.5, new_op()
    # A transcript does not say which message is which: two such changes side by side could be read otherwise.
    changes = random.sample(["leave out", "edit", "add"], k=random.randint(0, 3) if is_list else 1)
    _change_whole(world, random, messages, changes, (tab.user_id, op))
    content = messages if is_list else _transcript(messages)
    chat = {"id": tab.chat_id, "base": tab.editor.offset, "content": content}
    tab.ask({"type": "chat_update", "op": op, "chat": chat})
    world.flush(tab)


def _change_whole(
    world: World, random: Random, messages: list[JsonDict], changes: Sequence[str], by: tuple[int, str]
) -> None:
    if "leave out" in changes and messages:
        messages.pop(random.randrange(len(messages)))
    if "edit" in changes and messages:
        message = random.choice(messages)
        typed = _rewritten(world, random, message["content"])
        world.intents.typed(by, message["id"], [typed])
        message["content"] = typed.after.replace("\n", "\r\n")
    if "add" in changes:
        new = {"role": "assistant", "content": world.marks.put_into(random_text(random, 4))}
        messages.insert(random.randint(0, len(messages)), new)
        edited = world.intents.changes.get(by, Meant(by))
        world.intents.add(replace(edited, wrote=edited.wrote | set(marks_in(new["content"])), gap=None))


def _rewritten(world: World, random: Random, text: str) -> Typed:
    """Goes on at the end, or leaves one piece out: of more than that, a difference cannot say what was meant."""
    if text and random.random() < 0.4:
        start = random.randrange(len(text))
        end = random.randint(start, len(text))
        return Typed(text, _units(text[:start]), _units(text[:end]), "")
    return Typed(text, _units(text), _units(text), "\n" + world.marks.put_into(random_text(random, 4)))


def _transcript(messages: Sequence[JsonDict]) -> str:
    return "\n\n".join(f"## {each['role'].capitalize()}\n\n{each['content']}" for each in messages)


def save_from_outside(world: World, tab: Tab, random: Random) -> None:
    """A program that saves a message over HTTP, against a version that it read long ago."""
    had = random.choice(tab.loaded_chats) if tab.loaded_chats else None
    if had is not None and had["messages"]:
        message, op = random.choice(had["messages"]), new_op()
        typed = _rewritten(world, random, message["content"])
        world.intents.typed((tab.user_id, op), message["id"], [typed])
        content = typed.after.replace("\n", "\r\n")
        target = {"id": tab.chat_id, "messageId": message["id"], "base": had["offset"], "content": content}
        world.command(tab.user_id, {"type": "chat_update", "op": op, "chat": target})


def save_plainly(world: World, _: Tab, random: Random) -> None:
    """Somebody who never said `hello` saves what they last heard of a message, changed (rule PLN4)."""
    if not world.plain_tabs or world.plain_tabs[-1][1].server_is_gone or random.random() < 0.1:
        world.connect_plain()
    knows = world.plain_that_knows()
    if knows is None or not knows[0].texts:
        return
    tab, cable = knows
    message_id = random.choice(sorted(tab.texts))
    frame = tab.save(message_id, _rewritten(world, random, tab.texts[message_id]))
    cable.send_up(frame)
    cable.deliver_up(WHOLE)


def show_presence(world: World, tab: Tab, random: Random) -> None:
    here = {"messageId": random.randint(1, 9), "anchor": random.randint(0, 99)}
    tab.show_presence(here if random.random() < 0.8 else None)
    world.flush(tab)


def leave_chat(world: World, tab: Tab, _: Random) -> None:
    tab.leave_chat()
    world.flush(tab)


def follow_chat(world: World, tab: Tab, _: Random) -> None:
    tab.follow_chat()
    world.flush(tab)


def members(world: World, _: Tab, random: Random) -> None:
    """The owner gives, changes and takes rights."""
    name, ada = random.choice(SHARED_WITH), world.cast.people["ada"]
    chat = {"id": world.cast.chat_id}
    if name == "dan" and random.random() < 0.6:
        frame: JsonDict = {"type": "chat_unshare", "chat": chat, "userId": world.cast.people[name]}
    else:
        role = random.choice(["editor", "viewer"]) if name != "ben" else "editor"
        frame = {"type": "chat_share", "chat": chat, "email": world.cast.email(name), "role": role}
    if random.random() < 0.5:
        world.command(ada, frame)
    else:
        world.tabs[0].ask({**frame, "op": new_op()})
        world.flush(world.tabs[0])


def take_dans_right(world: World, _: Tab, __: Random) -> None:
    unshare = {"type": "chat_unshare", "chat": {"id": world.cast.chat_id}, "userId": world.cast.people["dan"]}
    world.command(world.cast.people["ada"], unshare)


def retitle(world: World, _: Tab, random: Random) -> None:
    """By the owner, from a program."""
    chat = {"id": world.cast.chat_id, "title": random_text(random, 6)}
    world.command(world.cast.people["ada"], {"type": "chat_retitle", "chat": chat})


def import_again(world: World, _: Tab, random: Random) -> None:
    import_into(world.cast.database, world.cast.source, world.cast.people["ada"], newer_form(random))
