"""From the wire to the session: frames wait here for their turn, and the wire is not read while too much waits."""

from collections.abc import Callable

from chatsynth.realtime.frames import Error
from chatsynth.realtime.inbox import Inbox
from chatsynth.realtime.ports import Wire
from chatsynth.realtime.settings import LiveSettings

Frame = str | Error
"""As it came, or what is wrong with it."""
Take = Callable[[Frame], float]
"""Deals with a frame and returns what it counts, as in `pace`."""


class Intake:
    """Of one connection. `ask_for_turn` calls back soon; `may_take` says whether there is room for what a frame
    leads to."""

    __slots__ = (
        "_ask_for_turn",
        "_inbox",
        "_is_ended",
        "_is_paused",
        "_is_waiting",
        "_may_take",
        "_settings",
        "_take",
        "_wire",
    )

    def __init__(
        self,
        wire: Wire,
        ask_for_turn: Callable[[Callable[[], None]], None],
        settings: LiveSettings,
        take: Take,
        may_take: Callable[[], bool],
    ) -> None:
        self._wire = wire
        self._ask_for_turn = ask_for_turn
        self._settings = settings
        self._take = take
        self._may_take = may_take
        self._inbox = Inbox(settings.inbox_frames, settings.inbox_window_bytes)
        self._is_waiting = False
        self._is_paused = False
        self._is_ended = False

    @property
    def size_bytes(self) -> int:
        return self._inbox.size_bytes

    def put(self, frame: Frame) -> None:
        """Never taken at once: one read from the network may bring many."""
        self._inbox.put(frame)
        self._balance_reading()
        self._wait_for_turn()

    def go_on(self) -> None:
        """After what it may have waited for: a command that is done, an answer that went out."""
        if (self._is_paused or not self._inbox.is_empty) and self._may_take():
            self._wait_for_turn()

    def end(self, *, keeps_what_came: bool) -> None:
        """Nothing more comes from the wire."""
        self._is_ended = True
        if not keeps_what_came:
            self._inbox.clear()
        self._wait_for_turn()

    def _wait_for_turn(self) -> None:
        if not self._is_waiting:
            self._is_waiting = True
            self._ask_for_turn(self._take_turn)

    def _take_turn(self) -> None:
        """Some frames, then the others' turn: a flood costs its own connection (promise P7)."""
        self._is_waiting = False
        taken = 0.0
        while taken < self._settings.frames_per_turn and self._has_frames():
            taken += self._take(self._inbox.take())
        self._balance_reading()
        if self._has_frames():
            self._wait_for_turn()
        elif self._is_ended and self._inbox.is_empty:
            self._take, self._may_take = _nothing, _always  # memory is given back at once

    def _has_frames(self) -> bool:
        return not self._inbox.is_empty and self._may_take()

    def _balance_reading(self) -> None:
        is_crowded = not self._is_ended and (self._inbox.is_crowded or not self._may_take())
        if is_crowded and not self._is_paused:
            self._is_paused = True
            self._wire.pause_reading()
        elif self._is_paused and not is_crowded:
            self._is_paused = False
            self._wire.resume_reading()


def _nothing(_: Frame) -> float:
    return 0.0


def _always() -> bool:
    return True
