"""Keeps a package without the page from being built; a development install can do without the page."""

import sys
from pathlib import Path

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("src/chatsynth/web/static/index.html")


class RequirePage(BuildHookInterface[BuilderConfig]):
    """Ends the build of a wheel or source archive with a sentence when the built page is not in the tree."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, object]) -> None:
        """Exits unless the page is there or this is an editable install."""
        del build_data
        if version == "editable" or (Path(self.root) / PAGE).is_file():
            return
        # An exit and not an exception: the person who builds sees the sentence without a traceback.
        sys.exit(
            f"{PAGE} is missing: the package would have no page to serve. "
            "Build the page first with `make page`, or do both with `make wheel`."
        )
