"""The JSON text of a change set is what it would be if it were made at once, and is not made at once (promise P7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from chatsynth.changes import ChangeJson
from chatsynth.features.chats import changes_json as module
from chatsynth.features.chats.changes_json import AT_ONCE, changes_json
from chatsynth.features.chats.wire import ChatUpdated, TextChange
from chatsynth.kit.wire_model import WireModel

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
parts = st.integers(0, 99) | st.builds(lambda length, lines: [length, *lines], st.integers(0, 99), st.lists(texts))


def _many_lines(count: int) -> ChangeJson:
    return [3, [2, *(str(number) for number in range(count))], 4]


@given(st.lists(parts))
def test_of_a_short_one(changes: ChangeJson) -> None:
    entry = ChatUpdated(chat=TextChange(id=1, message_id=2, changes=changes))
    assert entry.wire_json() == WireModel.wire_json(entry)


@pytest.mark.parametrize("count", [AT_ONCE - 10, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE - 1, 3 * AT_ONCE])
def test_of_a_long_one(count: int) -> None:
    for changes in (_many_lines(count), [each for _ in range(count // 5) for each in _many_lines(2)]):
        assert changes_json(changes) == to_json(changes)


def test_no_step_makes_very_many_values(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def made(value: object) -> bytes:
        sizes.append(len(value) if isinstance(value, list) else 1)
        return to_json(value)

    monkeypatch.setattr(module, "to_json", made)
    changes_json(_many_lines(10 * AT_ONCE))
    assert max(sizes) <= AT_ONCE
