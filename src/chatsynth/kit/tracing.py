"""Spans, for whoever wants to see where the time of one change goes. Without a tracer nothing is made or kept."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

Attributes = Mapping[str, str | int]
Place = object
"""A span, as something to be a part of."""


class Span(Protocol):
    def describe(self, name: str, attributes: Attributes) -> None:
        """What is known only at its end."""


class Tracer(Protocol):
    """May be called from any thread."""

    def span(
        self, name: str, attributes: Attributes, headers: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Span]:
        """Lasts as long as the block; a part of the span that the caller is in, or that these headers name."""

    def here(self) -> Place | None:
        """The span that the caller is in."""

    def within(self, place: Place) -> AbstractContextManager[object]:
        """Spans that begin in the block are parts of this one."""

    def record(
        self, name: str, began_ns: int, ended_ns: int, attributes: Attributes, of: Place, also_of: Sequence[Place] = ()
    ) -> Place:
        """A span that is over already."""


NO_SPAN: AbstractContextManager[None] = nullcontext()


def here(tracer: Tracer | None) -> Place | None:
    return None if tracer is None else tracer.here()
