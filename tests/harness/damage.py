"""What is nearly right: JSON and bytes with something wrong somewhere. `random` decides, so that a seed repeats it."""

from collections.abc import Sequence
from random import Random

SCALARS: Sequence[object] = [
    *(None, True, False, -1, 0, 1, 2**31, 2**53 + 1, 2**64, 10**30, 1.5, -0.0, 1e300),
    *("", "\0", "\ud800", "😀" * 50, "chat:1", "user:0", "end", "text", "user", "2024-01-01T00:00:00Z", "\u2028"),
]
SPICE: Sequence[object] = [*SCALARS, [], {}, [[]], [None], {"id": 1}, {"": {}}, [0, [0, "x"]], {"type": "text"}]
BYTES = [b"", b"\0", b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\u", b"\xff", b"\xc3", b"9" * 30, b"1e999"]


def spiced(random: Random, value: object, chance: float) -> object:
    """Another value somewhere, or something missing, doubled or in another order: still JSON."""
    if random.random() < chance:
        return random.choice(SPICE)
    if isinstance(value, dict):
        return _spiced_object(random, value, chance)
    if isinstance(value, list):
        items = [spiced(random, inner, chance) for inner in value]
        if random.random() < chance:
            random.shuffle(items)
        return items * (2 if random.random() < chance else 1)
    return value


def _spiced_object(random: Random, value: dict[str, object], chance: float) -> dict[str, object]:
    made = {name: spiced(random, inner, chance) for name, inner in value.items() if random.random() > chance / 3}
    if made and random.random() < chance:
        made[random.choice(list(value))] = made[random.choice(list(made))]
    return made


def damaged(random: Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(changed) + 1)
        changed[at : at + random.randint(0, 3)] = random.choice([*BYTES, bytes([random.randrange(256)])])
    return bytes(changed)
