"""What several commands take."""

import os
from typing import Annotated

import typer

from chatsynth.config import Settings, read_settings
from chatsynth.realtime.errors import ErrorCode, Refused

Data = Annotated[str | None, typer.Option("--data", help="The folder of the library.", show_default=False)]
Email = Annotated[str, typer.Argument(help="The e-mail address of the account.")]


def settings_of(data: str | None) -> Settings:
    """Raises BadSetting."""
    return read_settings(os.environ, {"data_dir": data})


def as_text(given: str, what: str) -> str:
    """A terminal may hand on bytes in another encoding. Raises Refused for those."""
    try:
        given.encode()
    except UnicodeEncodeError:
        raise Refused(ErrorCode.INVALID, f"{what} is not text in UTF-8.") from None
    return given
