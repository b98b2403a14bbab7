"""The settings of a server: defaults, then `CHATSYNTH_*` variables, then the flags of the command line."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from chatsynth.database.writer import LOCK_TIMEOUT_S
from chatsynth.features.accounts.settings import AccountSettings, CookieSecure, Signup
from chatsynth.realtime.settings import LiveSettings
from chatsynth.web.http_settings import HttpSettings

PREFIX = "CHATSYNTH_"
LIVE_PREFIX = f"{PREFIX}LIVE_"
HTTP_PREFIX = f"{PREFIX}HTTP_"
LogFormat = Literal["auto", "console", "json"]
MetricsAccess = Literal["off", "admin", "open"]
LOOPBACK = ("127.0.0.1", "::1", "localhost")
GIB = 1024**3


class BadSetting(Exception):
    """A setting cannot be used; the sentence names it, what it is, and what it may be."""


def default_data_dir() -> Path:
    """Where programs keep their data on this system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "chatsynth"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "chatsynth"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "chatsynth"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting is described in docs/reference/settings.md."""

    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path
    allowed_origins: tuple[str, ...] = ()
    signup: Signup = "invitation"
    cookie_secure: CookieSecure = "auto"
    session_days: int = 30
    list_history_days: int = 90
    trust_proxy: bool = False
    max_upload_bytes: int = 8 * GIB
    notifications_per_minute: int = 60
    lock_timeout_s: float = LOCK_TIMEOUT_S
    stop_timeout_s: float = 30.0
    log_format: LogFormat = "auto"
    metrics: MetricsAccess = "admin"
    http: HttpSettings = field(default_factory=HttpSettings)
    live: LiveSettings = field(default_factory=LiveSettings)

    @property
    def database(self) -> Path:
        return self.data_dir / "chatsynth.sqlite3"

    @property
    def is_for_this_machine(self) -> bool:
        """Nobody else can reach it, neither by its address nor through a proxy."""
        return self.host in LOOPBACK and not self.trust_proxy

    @property
    def accounts(self) -> AccountSettings:
        return AccountSettings(self.signup, self.cookie_secure, self.session_days)


# From text --------------------------------------------------------------------------------------

Parse = Callable[[str], object]
"""Raises ValueError with what the text should have been."""


def _whole_number(least: int, most: int) -> Parse:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text[:20]) <= most):
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return parse


def _seconds(text: str) -> float:
    sentence = "a number of seconds above 0, at most 86400"
    try:
        value = float(text)
    except ValueError:
        raise ValueError(sentence) from None
    if not 0 < value <= 86400:
        raise ValueError(sentence)
    return value


def _one_of(choices: tuple[str, ...]) -> Parse:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(" or ".join(choices))
        return text

    return parse


def _yes_or_no(text: str) -> bool:
    known = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    if text.lower() not in known:
        raise ValueError("yes or no")
    return known[text.lower()]


def _folder(text: str) -> Path:
    if not text or "\0" in text:
        raise ValueError("the path of a folder")
    return Path(text).expanduser().absolute()


def _host(text: str) -> str:
    if not text or any(character.isspace() for character in text) or not _is_name(text):
        raise ValueError("a host name or an address")
    return text


def _is_name(text: str) -> bool:
    """Whether it could be looked up at all."""
    try:
        text.encode("idna")
    except UnicodeError:
        return False
    return True


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/").lower() for part in text.split(",") if part.strip())
    if not all(_is_origin(origin) for origin in origins):
        raise ValueError("addresses like https://chat.example.org, with commas between them")
    return origins


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = "" if parts.port is None else f":{parts.port}"
        name = _host(parts.hostname or "")
    except ValueError:
        return False
    host = f"[{name}]" if ":" in name else name
    return parts.scheme in ("http", "https") and text == f"{parts.scheme}://{host}{port}"


_PARSERS: Mapping[str, Parse] = {
    "host": _host,
    "port": _whole_number(0, 65535),
    "data_dir": _folder,
    "allowed_origins": _origins,
    "signup": _one_of(get_args(Signup)),
    "cookie_secure": _one_of(get_args(CookieSecure)),
    "session_days": _whole_number(1, 400),
    "list_history_days": _whole_number(1, 36500),
    "trust_proxy": _yes_or_no,
    "max_upload_bytes": _whole_number(1, 1024 * GIB),
    "notifications_per_minute": _whole_number(1, 1_000_000),
    "lock_timeout_s": _seconds,
    "stop_timeout_s": _seconds,
    "log_format": _one_of(get_args(LogFormat)),
    "metrics": _one_of(get_args(MetricsAccess)),
}


def _parsers_of(group: type[HttpSettings | LiveSettings]) -> Mapping[str, Parse]:
    return {each.name: _seconds if each.type is float else _whole_number(1, GIB) for each in fields(group)}


_HTTP_PARSERS = _parsers_of(HttpSettings)
_LIVE_PARSERS = _parsers_of(LiveSettings)
_VARIABLES = {"data_dir": f"{PREFIX}DATA"}


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    return _VARIABLES.get(name, f"{PREFIX}{name.upper()}")


def setting_variables() -> tuple[str, ...]:
    """All environment variables that are read."""
    live = (f"{LIVE_PREFIX}{name.upper()}" for name in _LIVE_PARSERS)
    http = (f"{HTTP_PREFIX}{name.upper()}" for name in _HTTP_PARSERS)
    return (*(variable_of(name) for name in _PARSERS), *http, *live)


def read_settings(environment: Mapping[str, str], flags: Mapping[str, str | None] | None = None) -> Settings:
    """A flag that was not given is None. Raises BadSetting."""
    values: dict[str, object] = {"data_dir": default_data_dir()}
    for name, parse in _PARSERS.items():
        flag = (flags or {}).get(name)
        if flag is not None:
            values[name] = _parse(f"--{_flag_name(name)}", flag, parse)
        elif (text := environment.get(variable_of(name))) is not None:
            values[name] = _parse(variable_of(name), text, parse)
    http = HttpSettings(**_read_group(environment, HTTP_PREFIX, _HTTP_PARSERS))  # type: ignore[arg-type]
    live = LiveSettings(**_read_group(environment, LIVE_PREFIX, _LIVE_PARSERS))  # type: ignore[arg-type]
    return Settings(**values, http=http, live=live)  # type: ignore[arg-type]


def _read_group(environment: Mapping[str, str], prefix: str, parsers: Mapping[str, Parse]) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, parse in parsers.items():
        variable = f"{prefix}{name.upper()}"
        if (text := environment.get(variable)) is not None:
            values[name] = _parse(variable, text, parse)
    return values


def _flag_name(name: str) -> str:
    return "data" if name == "data_dir" else name.replace("_", "-")


def _parse(where: str, text: str, parse: Parse) -> object:
    try:
        return parse(text.strip())
    except ValueError as expected:
        raise BadSetting(f"{where} is “{text[:80]}”, but it must be {expected}.") from None
