"""`python -m chatsynth` is the command `chatsynth`."""

from chatsynth.cli import main

main()
