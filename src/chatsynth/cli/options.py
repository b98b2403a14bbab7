"""What several commands take."""

import os
from typing import Annotated

import typer

from chatsynth.config import Settings, read_settings

Data = Annotated[str | None, typer.Option("--data", help="The folder of the library.", show_default=False)]
Email = Annotated[str, typer.Argument(help="The e-mail address of the account.")]


def settings_of(data: str | None) -> Settings:
    """Raises BadSetting."""
    return read_settings(os.environ, {"data_dir": data})
