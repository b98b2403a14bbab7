"""`python -m tests.faults.faulty_server CONTROL JOURNAL …`: `chatsynth …` on a file system that a test rules.

JOURNAL is `-` where nothing is to be recorded.
"""

import sys
from pathlib import Path

from chatsynth.cli import main
from tests.faults.control import Control
from tests.faults.vfs import FaultyFileSystem

if __name__ == "__main__":
    control, journal, *arguments = sys.argv[1:]
    FaultyFileSystem(Control(Path(control)), None if journal == "-" else Path(journal)).install()
    sys.argv = ["chatsynth", *arguments]
    main()
