"""What all connections of a node share."""

from dataclasses import dataclass

from chatsynth.kit.clock import Clock
from chatsynth.realtime.hub import Hub
from chatsynth.realtime.parsing import FrameParser
from chatsynth.realtime.ports import Channels, Commands
from chatsynth.realtime.settings import LiveSettings


@dataclass(frozen=True, slots=True)
class Surroundings:
    hub: Hub
    channels: Channels
    commands: Commands
    parser: FrameParser
    settings: LiveSettings
    clock: Clock
