"""Importing one conversation again and again, each time a newer form of it, as another process does."""

import json
from pathlib import Path
from random import Random

from chatsynth.features.imports.worker import open_context
from tests.features.imports.exports import JsonDict as ExportDict
from tests.features.imports.exports import chatgpt_message, chatgpt_tree
from tests.features.imports.importing import Library

SOURCE_ID = "c1"
FIRST = ("Zwölf Boxkämpfer 🥊\n\njagen Viktor", "漢字とかな\nかな", "e\u0301 👩‍👩‍👧 🇩🇪", "שלום עולם\n", "")


def conversation(texts: tuple[str, ...], title: str = "A chat") -> ExportDict:
    """A chain with a fork at its second message; the last message is current."""
    nodes: list[tuple[str | None, ExportDict]] = [(None, chatgpt_message("m0", "user", texts[0]))]
    for number, text in enumerate(texts[1:], start=1):
        role = "assistant" if number % 2 else "user"
        parent = f"m{number - 1}" if number != 2 else "m0"
        nodes.append((parent, chatgpt_message(f"m{number}", role, text)))
    return chatgpt_tree(SOURCE_ID, nodes, title=title)


def newer_form(random: Random) -> ExportDict:
    """Some texts are others now, and some messages follow."""
    texts = [text if random.random() < 0.6 else f"{text}\n{random.randint(0, 99)}" for text in FIRST]
    texts += [f"follows {number} 🥊" for number in range(random.randint(0, 3))]
    return conversation(tuple(texts), random.choice(["A chat", "Another title"]))


def import_into(database: Path, folder: Path, user_id: int, form: ExportDict) -> None:
    path = folder / "export.json"
    path.write_text(json.dumps([form]))
    with open_context(database) as context:
        Library(context, database, user_id).import_file(path)
