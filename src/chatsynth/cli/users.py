"""`chatsynth user …`: accounts. Works beside a running server, which ends what loses its right at once."""

import sys
from typing import Annotated

import typer

from chatsynth.cli.options import Data, Email, as_text, settings_of
from chatsynth.features.accounts import repository, service
from chatsynth.features.accounts.emails import normalised
from chatsynth.features.accounts.passwords import hash_password
from chatsynth.library import open_library
from chatsynth.realtime.errors import ErrorCode, Refused

app = typer.Typer(help="Accounts: add, disable, enable, set a password.", no_args_is_help=True)
MAX_PASSWORD = 1024
NOT_A_PASSWORD = "A password has between 1 and 1024 characters."  # noqa: S105


@app.command("add")
def add(
    email: Email,
    name: Annotated[str | None, typer.Option(help="The name that others see; else what stands before the @.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="May invite people and disable accounts.")] = False,
    data: Data = None,
) -> None:
    """Add an account and print its number. The password is read from standard input, or asked for."""
    settings = settings_of(data)
    address = normalised(email)
    shown = as_text(name or "", "The name").strip() or address.partition("@")[0]
    with open_library(settings, may_create=True) as library:
        password_hash = hash_password(_read_password())
        typer.echo(
            library.writer.run(
                lambda unit: service.add_account(
                    unit, address, shown[:100], password_hash, is_admin=admin or not repository.has_accounts(unit.db)
                )
            )
        )


@app.command("disable")
def disable(email: Email, data: Data = None) -> None:
    """Disable an account: its logins and connections end at once, its chats stay."""
    address = normalised(email)
    with open_library(settings_of(data)) as library:
        library.writer.run(lambda unit: service.disable(unit, service.account_named(unit.db, address)))


@app.command("enable")
def enable(email: Email, data: Data = None) -> None:
    """Enable a disabled account again."""
    address = normalised(email)
    with open_library(settings_of(data)) as library:
        library.writer.run(lambda unit: service.enable(unit, service.account_named(unit.db, address)))


@app.command("password")
def password(email: Email, data: Data = None) -> None:
    """Set a new password; all logins of the account end. It is read from standard input, or asked for."""
    address = normalised(email)
    with open_library(settings_of(data)) as library:
        with library.reading() as db:
            account = service.account_named(db, address)
        new_hash = hash_password(_read_password())
        library.writer.run(lambda unit: service.change_password(unit, account, new_hash))


def _read_password() -> str:
    """One line of standard input when that is no terminal. Raises Refused for what cannot be a password."""
    if sys.stdin.isatty():
        text = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    else:
        text = sys.stdin.readline().rstrip("\r\n")
    if not 1 <= len(text) <= MAX_PASSWORD:
        raise Refused(ErrorCode.INVALID, NOT_A_PASSWORD)
    return as_text(text, "The password")
