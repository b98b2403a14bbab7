"""The command `chatsynth`."""

import os
import sqlite3
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import structlog
import typer
from sqlalchemy.exc import DBAPIError
from typer import Exit

from chatsynth import __version__
from chatsynth.cli import backups, doctor, tokens, users
from chatsynth.cli.options import Data, settings_of
from chatsynth.config import BadSetting, Settings, read_settings
from chatsynth.database.backup import NoBackup, NotBackedUp
from chatsynth.database.claim import InUse
from chatsynth.database.failures import storage_fault, why_not_stored
from chatsynth.database.migrate import DatabaseNotUsable
from chatsynth.database.restore import NotRestored
from chatsynth.database.writer import WriteFailed
from chatsynth.library import open_library
from chatsynth.realtime.errors import Refused
from chatsynth.web.request_log import configure_logging

log = structlog.get_logger(__name__)
app = typer.Typer(
    name="chatsynth",
    help="The live, shared library of your AI chats.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(users.app, name="user")
app.add_typer(tokens.app, name="token")
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)
app.command("doctor")(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chatsynth {__version__}")
        raise Exit


@app.callback()
def chatsynth(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    """The live, shared library of your AI chats."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen at.")] = None,
    port: Annotated[str | None, typer.Option(help="The port to listen at.")] = None,
    data: Data = None,
    signup: Annotated[str | None, typer.Option(help="Who may sign up: invitation or open.")] = None,
    allowed_origins: Annotated[
        str | None, typer.Option(help="Other pages that may use this server, with commas between them.")
    ] = None,
    cookie_secure: Annotated[str | None, typer.Option(help="Cookie for https only: auto, always or never.")] = None,
    session_days: Annotated[str | None, typer.Option(help="How long a sign-in lasts without use.")] = None,
    list_history_days: Annotated[str | None, typer.Option(help="How long lists catch up from the log.")] = None,
    trust_proxy: Annotated[str | None, typer.Option(help="Believe X-Forwarded-For and -Proto: yes or no.")] = None,
    max_upload_bytes: Annotated[str | None, typer.Option(help="The largest file to import.")] = None,
    notifications_per_minute: Annotated[
        str | None, typer.Option(help="How many notifications one person may cause.")
    ] = None,
    lock_timeout_s: Annotated[str | None, typer.Option(help="How long a change waits for another program.")] = None,
    stop_timeout_s: Annotated[str | None, typer.Option(help="How long stopping may take.")] = None,
    log_format: Annotated[str | None, typer.Option(help="auto, console or json.")] = None,
    metrics: Annotated[str | None, typer.Option(help="Who may read /metrics: off, admin or open.")] = None,
) -> None:
    """Serve the library and its page."""
    flags = {
        "host": host,
        "port": port,
        "data_dir": data,
        "signup": signup,
        "allowed_origins": allowed_origins,
        "cookie_secure": cookie_secure,
        "session_days": session_days,
        "list_history_days": list_history_days,
        "trust_proxy": trust_proxy,
        "max_upload_bytes": max_upload_bytes,
        "notifications_per_minute": notifications_per_minute,
        "lock_timeout_s": lock_timeout_s,
        "stop_timeout_s": stop_timeout_s,
        "log_format": log_format,
        "metrics": metrics,
    }
    settings = read_settings(os.environ, flags)
    configure_logging(settings.log_format)
    log.info("starting", page=_page_address(settings), data=str(settings.data_dir))
    from chatsynth.server import run  # noqa: PLC0415 - the other commands start without it in half the time

    run(settings)


def _page_address(settings: Settings) -> str:
    host = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else settings.host  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The export: a zip archive or a JSON file.")],
    user: Annotated[str, typer.Option("--user", help="The e-mail address of whose library it goes into.")],
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON, for programs.")] = False,
) -> None:
    """Bring the export of another platform into somebody's library."""
    settings = settings_of(data)
    from chatsynth.features.imports.cli_import import run  # noqa: PLC0415 - see serve

    with open_library(settings) as context:
        code = run(context, file, user, as_json)
    raise Exit(code)


def main() -> NoReturn:
    """Every failure is one sentence on standard error and an exit code that is not 0."""
    configure_logging("auto")
    try:
        code = app(standalone_mode=False)
    except BadSetting as bad:
        _end(str(bad), 2)
    except Refused as refused:
        _end(refused.sentence, 1)
    except (DatabaseNotUsable, InUse, NotBackedUp, NoBackup, NotRestored, WriteFailed) as failed:
        _end(str(failed), 1)
    except (DBAPIError, sqlite3.Error) as failed:
        fault = storage_fault(failed)
        _end(why_not_stored(fault), 1) if fault is not None else _end_by_mistake(failed)
    except (KeyboardInterrupt, typer.Abort):
        _end("Stopped.", 130)
    except OSError as failed:
        _end(f"{failed.strerror or failed}{f': {failed.filename}' if failed.filename else ''}.", 1)
    except typer.TyperException as wrong:
        _end(wrong.format_message(), 2)
    except Exception as mistake:  # noqa: BLE001 - a person at a terminal gets a sentence, whatever happened
        _end_by_mistake(mistake)
    sys.exit(code if isinstance(code, int) else 0)


def _end(sentence: str, code: int) -> NoReturn:
    typer.echo(sentence, err=True)
    sys.exit(code)


def _end_by_mistake(mistake: Exception) -> NoReturn:
    _end(f"ChatSynth made a mistake ({type(mistake).__name__}: {mistake}). Please report it.", 70)
