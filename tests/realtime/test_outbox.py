"""What waits for one connection: bounded, in order, only the newest of each state."""

from hypothesis import given
from hypothesis import strategies as st

from chatsynth.realtime.outbox import Outbox

WINDOW = 100
Step = tuple[str, str, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["log", "reply", "state", "take", "purge"]), st.sampled_from("ab"), st.integers(1, 70)),
    max_size=60,
)


@given(STEPS)
def test_the_log_never_exceeds_its_window_and_everything_keeps_its_order(steps: list[Step]) -> None:
    outbox = Outbox(WINDOW, WINDOW)
    waiting: list[tuple[str | None, bytes]] = []
    states: dict[str, bytes] = {}
    for number, (kind, channel, size) in enumerate(steps):
        frame = f"{number:03}".encode() + b"." * size
        match kind:
            case "log":
                queued = sum(len(each) for name, each in waiting if name is not None)
                fits = queued == 0 or queued + len(frame) <= WINDOW
                assert outbox.push_log(channel, frame) is fits
                waiting += [(channel, frame)] if fits else []
            case "reply":
                outbox.push_reply(frame)
                waiting.append((None, frame))
            case "state":
                outbox.put_state(channel, channel, frame)
                states.pop(channel, None)
                states[channel] = frame
            case "purge":
                outbox.purge(channel)
                waiting = [item for item in waiting if item[0] != channel]
                states.pop(channel, None)
            case _:
                taken = outbox.take(size)
                while taken and waiting and taken.startswith(waiting[0][1]):
                    taken = taken.removeprefix(waiting.pop(0)[1])
                if taken:
                    assert not waiting
                    assert taken == b"".join(states.values())
                    states.clear()
        assert outbox.log_bytes == sum(len(frame) for name, frame in waiting if name is not None)
        assert outbox.reply_bytes == sum(len(frame) for name, frame in waiting if name is None)
        assert outbox.is_empty is (not waiting and not states)
    assert outbox.take(10**9) == b"".join([*(frame for _, frame in waiting), *states.values()])
    assert outbox.is_empty


def test_one_frame_fits_however_large_it_is() -> None:
    outbox = Outbox(10, 10)
    assert outbox.push_log("a", b"x" * 1000)
    assert not outbox.push_log("a", b"y")
    assert outbox.take(1) == b"x" * 1000


def test_many_replies_tell_that_no_more_frames_should_be_taken() -> None:
    outbox = Outbox(10, 10)
    takes_more = []
    for size in (9, 1):
        outbox.push_reply(b"x" * size)
        takes_more.append(outbox.takes_replies)
    outbox.take(100)
    assert [*takes_more, outbox.takes_replies] == [True, False, True]


def test_a_state_that_is_left_behind_is_forgotten_and_others_are_not() -> None:
    outbox = Outbox(10, 10)
    outbox.put_state("a", "chat:1", b"one")
    outbox.put_state("b", "chat:2", b"two")
    outbox.put_state("c", None, b"three")
    outbox.forget_states("chat:1")
    assert outbox.take(100) == b"twothree"


def test_a_newer_state_comes_after_what_it_knew_of() -> None:
    outbox = Outbox(window_bytes=1000, reply_window_bytes=1000)
    outbox.put_state("present:chat:1", "chat:1", b"full state;")
    outbox.put_state("presence:chat:1:a", "chat:1", b"a came;")
    outbox.put_state("present:chat:1", "chat:1", b"full state with a;")
    assert outbox.take(1000) == b"a came;full state with a;"
