"""A whole chat as one text, and back."""

from hypothesis import example, given
from hypothesis import strategies as st

from chatsynth.changes import normalize_text
from chatsynth.features.chats.transcript import Addition, Edit, Removal, Section, parse, serialize, steps_between
from chatsynth.features.chats.wire import Role

roles: st.SearchStrategy[Role] = st.sampled_from(["user", "assistant", "system", "tool"])
lines = st.sampled_from(
    [
        "",
        " ",
        "text",
        "## User",
        "## Tool ",
        "\\## User",
        "\\\\## System",
        "## Other",
        "### User",
        " ## User",
        "😀 漢",
        "\u2028",
    ]
) | st.text(max_size=5).map(normalize_text)
contents = st.lists(lines, max_size=6).map("\n".join)
sections = st.builds(Section, roles, contents)
chats = st.lists(sections, max_size=6)


@given(chats)
@example([Section("user", "")])
@example([Section("user", ""), Section("user", "")])
@example([Section("user", "\n"), Section("assistant", "\n\n")])
@example([Section("assistant", "")])
def test_what_was_written_is_read_again(chat: list[Section]) -> None:
    first = chat[0].role if chat else "user"
    expected = [] if chat == [Section("user", "")] else chat
    assert parse(serialize(chat), first if first == "user" else "tool") == expected


@given(contents, roles)
def test_a_text_without_heading_belongs_to_the_first_message(text: str, role: Role) -> None:
    parsed = parse(text, role)
    assert not parsed or serialize(parsed) == text or parsed[0].role != "user" or "## " in text


@given(chats, chats)
def test_the_steps_make_the_new_chat_of_the_old_one(old: list[Section], new: list[Section]) -> None:
    shown: list[tuple[int, Section] | None] = list(enumerate(old))
    additions: dict[int, list[Section]] = {}
    for step in steps_between(old, new):
        match step:
            case Edit(index, content):
                shown[index] = (index, Section(old[index].role, content))
            case Removal(index):
                shown[index] = None
            case Addition(before, section):
                additions.setdefault(before, []).append(section)
    made: list[Section] = []
    for index in range(len(old) + 1):
        made += additions.get(index, [])
        made += [kept[1] for kept in shown[index : index + 1] if kept is not None]
    assert made == new


@given(chats)
def test_nothing_changed_is_no_step(chat: list[Section]) -> None:
    assert steps_between(chat, chat) == []
