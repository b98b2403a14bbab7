"""How often one address may try, whoever it tries to be."""

from pathlib import Path

import pytest

from chatsynth.features.accounts.login_limit import PER_ADDRESS, PER_EMAIL, WINDOW_MS, begin_attempt
from chatsynth.web.problems import RateLimited
from tests.harness.own_library import own_library


def test_one_address_cannot_try_one_password_on_everybody(tmp_path: Path) -> None:
    with own_library(tmp_path) as library:
        for number in range(PER_ADDRESS):
            library.writer.run(lambda unit, n=number: begin_attempt(unit, f"{n}@example.org", "198.51.100.7"))  # type: ignore[misc]
        with pytest.raises(RateLimited):
            library.writer.run(lambda unit: begin_attempt(unit, "one.more@example.org", "198.51.100.7"))
        library.writer.run(lambda unit: begin_attempt(unit, "one.more@example.org", "198.51.100.8"))
        library.now_ms += WINDOW_MS
        library.writer.run(lambda unit: begin_attempt(unit, "one.more@example.org", "198.51.100.7"))


def test_many_addresses_cannot_try_passwords_on_one_person(tmp_path: Path) -> None:
    with own_library(tmp_path) as library:
        for number in range(PER_EMAIL):
            library.writer.run(lambda unit, n=number: begin_attempt(unit, "ann@example.org", f"198.51.100.{n}"))  # type: ignore[misc]
        with pytest.raises(RateLimited):
            library.writer.run(lambda unit: begin_attempt(unit, "ann@example.org", "203.0.113.1"))
