"""Where a setting comes from, what it may be, and that the reference knows each one."""

import re
from dataclasses import Field, fields
from pathlib import Path

import pytest

from chatsynth.cli import serve
from chatsynth.config import BadSetting, Settings, read_settings, setting_variables
from chatsynth.realtime.settings import LiveSettings
from chatsynth.web.http_settings import HttpSettings

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
ROW = re.compile(r"^\| `(CHATSYNTH_\w+)` \|(?: `--([\w-]+)` \|)? ([^|]+) \|", re.MULTILINE)


def test_defaults_need_nothing() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.signup) == ("127.0.0.1", 8000, "invitation")
    assert settings.live == LiveSettings()
    assert settings.data_dir.is_absolute()


def test_a_flag_counts_more_than_a_variable() -> None:
    environment = {"CHATSYNTH_PORT": "9000", "CHATSYNTH_HOST": "0.0.0.0"}
    settings = read_settings(environment, {"port": "9001", "host": None})
    assert (settings.host, settings.port) == ("0.0.0.0", 9001)


def test_every_kind_of_setting_is_read(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "CHATSYNTH_DATA": str(tmp_path),
            "CHATSYNTH_ALLOWED_ORIGINS": "https://A.example.org/, http://localhost:5173, http://[::1]:80",
            "CHATSYNTH_TRUST_PROXY": "Yes",
            "CHATSYNTH_LIVE_DRAIN_S": "0.25",
            "CHATSYNTH_LIVE_INBOX_FRAMES": "8",
        }
    )
    assert settings.database == tmp_path / "chatsynth.sqlite3"
    assert settings.allowed_origins == ("https://a.example.org", "http://localhost:5173", "http://[::1]:80")
    assert settings.trust_proxy is True
    assert (settings.live.drain_s, settings.live.inbox_frames) == (0.25, 8)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CHATSYNTH_PORT", "65536"),
        ("CHATSYNTH_PORT", "-1"),
        ("CHATSYNTH_PORT", "9" * 5000),
        ("CHATSYNTH_PORT", "٣"),
        ("CHATSYNTH_HOST", "two words"),
        ("CHATSYNTH_HOST", "two..dots"),
        ("CHATSYNTH_HOST", "x" * 64),
        ("CHATSYNTH_DATA", ""),
        ("CHATSYNTH_SIGNUP", "closed"),
        ("CHATSYNTH_TRUST_PROXY", "maybe"),
        ("CHATSYNTH_ALLOWED_ORIGINS", "example.org"),
        ("CHATSYNTH_ALLOWED_ORIGINS", "https://example.org/path"),
        ("CHATSYNTH_ALLOWED_ORIGINS", "*"),
        ("CHATSYNTH_ALLOWED_ORIGINS", "https://two words"),
        ("CHATSYNTH_ALLOWED_ORIGINS", "https://user@example.org"),
        ("CHATSYNTH_ALLOWED_ORIGINS", "https://example.org:65536"),
        ("CHATSYNTH_ALLOWED_ORIGINS", "https://[::1"),
        ("CHATSYNTH_LIVE_DRAIN_S", "nan"),
        ("CHATSYNTH_LIVE_DRAIN_S", "inf"),
        ("CHATSYNTH_LIVE_DRAIN_S", "soon"),
        ("CHATSYNTH_LIVE_INBOX_FRAMES", "1.5"),
    ],
)
def test_a_value_that_cannot_be_used_is_explained(variable: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"^{variable} is “.*”, but it must be ") as bad:
        read_settings({variable: value})
    assert len(str(bad.value)) < 300


def test_the_reference_lists_exactly_the_settings_that_exist() -> None:
    assert [variable for variable, _, _ in ROW.findall(PAGE.read_text())] == list(setting_variables())


def test_the_reference_knows_the_flags_and_defaults() -> None:
    defaults = read_settings({"CHATSYNTH_DATA": "see below"})
    http = [str(getattr(defaults.http, each.name)) for each in fields(HttpSettings)]
    live = [str(getattr(defaults.live, each.name)) for each in fields(LiveSettings)]
    rows = ROW.findall(PAGE.read_text())
    flags = [flag for _, flag, _ in rows if flag]
    assert flags == ["data" if each.name == "data_dir" else each.name.replace("_", "-") for each in _flat_fields()]
    assert [default.strip("`") for _, flag, default in rows if not flag] == [*http, *live]
    shown = {flag: default.strip("`") for _, flag, default in rows if flag not in ("", "data")}
    expected = {each.name.replace("_", "-"): getattr(defaults, each.name) for each in _flat_fields()}
    del expected["data-dir"]
    assert shown == {flag: _as_shown(value) for flag, value in expected.items()}


def test_serve_takes_every_flag_of_the_reference() -> None:
    names = set(serve.__annotations__) - {"return"}
    assert names == {"data" if each.name == "data_dir" else each.name for each in _flat_fields()}


def _flat_fields() -> list[Field[object]]:
    return [each for each in fields(Settings) if each.name not in ("http", "live")]


def _as_shown(value: object) -> str:
    match value:
        case ():
            return "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
