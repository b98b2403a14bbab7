"""The commands of one connection that are being carried out, bounded in number and in bytes."""

from dataclasses import dataclass

from chatsynth.realtime.frames import Command

LOAD_OF_ONE = 64 * 1024
"""A longer command counts as several of those that may be on their way: its text is in memory until it is done."""


def load_of(text: str) -> int:
    return 1 + len(text) // LOAD_OF_ONE


@dataclass(slots=True)
class UnderWay:
    """`held_up` waits, with its load, until all others are done, and whatever comes after it waits as well."""

    most: int
    load: int = 0
    held_up: tuple[Command, int] | None = None

    @property
    def takes_more(self) -> bool:
        return self.held_up is None and self.load < self.most

    def freed(self) -> tuple[Command, int] | None:
        """What was held up, once nothing is before it any more."""
        if self.load:
            return None
        freed, self.held_up = self.held_up, None
        return freed
