"""Who is in a channel now and where their cursor is. Never stored: it lives as long as the sessions do."""

from dataclasses import dataclass, field

from chatsynth.realtime.frames import PresenceChange, PresenceState, Present


@dataclass(slots=True)
class Roster:
    """The sessions present in one channel, in the order in which they came."""

    channel: str
    _present: dict[str, Present] = field(default_factory=dict)

    def put(self, present: Present) -> PresenceChange | None:
        """The difference to tell the others; None when nothing changed (rule PRE3)."""
        if self._present.get(present.session) == present:
            return None
        self._present[present.session] = present
        return PresenceChange(
            channel=self.channel,
            session=present.session,
            user_id=present.user_id,
            name=present.name,
            state=present.state,
        )

    def drop(self, session_id: str) -> PresenceChange | None:
        gone = self._present.pop(session_id, None)
        if gone is None:
            return None
        return PresenceChange(
            channel=self.channel, session=session_id, user_id=gone.user_id, name=gone.name, state=None
        )

    def full_state(self) -> PresenceState:
        return PresenceState(channel=self.channel, present=tuple(self._present.values()))

    def __len__(self) -> int:
        return len(self._present)

    @property
    def is_empty(self) -> bool:
        return not self._present
