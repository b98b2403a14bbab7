"""`chatsynth token …`: access tokens for programs."""

from typing import Annotated

import typer

from chatsynth.cli.options import Data, as_text, settings_of
from chatsynth.features.accounts import service
from chatsynth.features.accounts.emails import normalised
from chatsynth.library import open_library

app = typer.Typer(help="Access tokens for programs.", no_args_is_help=True)


@app.callback()
def tokens() -> None:
    """Access tokens for programs: they are sent as `Authorization: Bearer`."""


@app.command("create")
def create(
    user: Annotated[str, typer.Option("--user", help="The e-mail address of whom the token speaks for.")],
    name: Annotated[str, typer.Option(help="What the token is for.")] = "command line",
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="How long it is valid; else until deleted.")] = None,
    data: Data = None,
) -> None:
    """Create a token and print it, and nothing else. It is stored nowhere, so it cannot be shown again."""
    address, use = normalised(user), as_text(name, "The name")[:100]
    with open_library(settings_of(data)) as library:
        _, secret, _ = library.writer.run(
            lambda unit: service.create_token(unit, service.account_named(unit.db, address).id, use, days)
        )
    typer.echo(secret)
