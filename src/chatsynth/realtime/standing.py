"""How the live core stands at this moment: one look over all connections."""

from dataclasses import dataclass

from chatsynth.realtime.hub import Hub
from chatsynth.realtime.session import Mode
from chatsynth.realtime.subscription import Phase


@dataclass(slots=True)
class Standing:
    plain_connections: int = 0
    sessions: int = 0
    """Connections that have said `hello`."""
    people: int = 0
    subscriptions: int = 0
    behind: int = 0
    """Subscriptions that are fed from the log now."""
    outbox_bytes: int = 0
    largest_outbox_bytes: int = 0
    presence_states: int = 0

    @property
    def connections(self) -> int:
        return self.plain_connections + self.sessions


def standing_of(hub: Hub) -> Standing:
    found = Standing(people=hub.people, presence_states=hub.presence_states)
    for connection in hub.connections():
        session = connection.session
        waiting = connection.outbox.waiting_bytes
        found.plain_connections += session.mode is Mode.PLAIN
        found.sessions += session.mode is Mode.FULL
        found.subscriptions += len(session.subscriptions)
        found.outbox_bytes += waiting
        found.largest_outbox_bytes = max(found.largest_outbox_bytes, waiting)
        if session.may_be_behind:
            found.behind += sum(each.phase is Phase.BEHIND for each in session.subscriptions.values())
    return found
