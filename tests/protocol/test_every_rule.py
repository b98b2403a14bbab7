"""Every numbered rule of the protocol has a test that carries its number, and no test carries a number that is none."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
DOCUMENT = TESTS.parent / "docs" / "reference" / "protocol.md"
RULE = re.compile(r"^\| ([A-Z]{2,3}\d+) \|", re.MULTILINE)
TEST = re.compile(r"^(?:async )?def test_([a-z]{2,3}\d+)_", re.MULTILINE)


def _rules() -> list[str]:
    return RULE.findall(DOCUMENT.read_text(encoding="utf-8"))


def _tested(folder: str) -> set[str]:
    files = (TESTS / folder).rglob("test_*.py")
    return {number.upper() for file in files for number in TEST.findall(file.read_text(encoding="utf-8"))}


def test_every_rule_has_a_test() -> None:
    assert sorted(set(_rules()) - _tested("protocol")) == []


def test_every_number_in_a_tests_name_is_a_rule() -> None:
    assert sorted(_tested("protocol") - set(_rules())) == []


def test_numbers_are_given_once() -> None:
    rules = _rules()
    assert len(rules) > 40
    assert sorted(set(rules)) == sorted(rules)
