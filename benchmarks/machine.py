"""What the figures were measured on."""

import os
import platform
import sqlite3
import time
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("fastapi", "starlette", "uvicorn", "uvloop", "websockets", "pydantic", "sqlalchemy")


def describe_machine() -> dict[str, str]:
    """Names and values, for a table."""
    return {
        "measured": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "processor": f"{_first('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores",
        "memory": f"{int(_first('/proc/meminfo', 'MemTotal').split()[0]) / 1e6:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "load average at the start": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def _first(file: str, name: str) -> str:
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"
