"""A small library to look at, shipped with the package: exports in the forms of ChatGPT and of Claude."""

from pathlib import Path

from chatsynth.database.unit import Unit
from chatsynth.features.imports.service import create_job
from chatsynth.features.imports.wire import ImportJob
from chatsynth.realtime.publication import AfterCommit

DEMO_LIBRARY = Path(__file__).parent / "demo_library"
DEMO_NAME = "Demo library"


def queue_demo(unit: Unit[AfterCommit], user_id: int) -> ImportJob:
    """Imports the demo library as any export, so a second time adds nothing. Raises Refused."""
    return create_job(unit, user_id, DEMO_NAME, DEMO_LIBRARY, keeps_file=True)
