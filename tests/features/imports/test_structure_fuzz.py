"""Good exports with something wrong in their structure: each chat is read or counted as skipped, and nothing breaks."""

import json
import os
from pathlib import Path
from random import Random

import pytest

from chatsynth.features.imports.errors import ExportError
from chatsynth.features.imports.limits import Limits
from chatsynth.features.imports.reader import Parsed, check_export
from tests.features.imports.exports import chatgpt_conversation, claude_conversation
from tests.features.imports.reading import found_in, written
from tests.features.imports.test_archive_fuzz import check_conversation
from tests.harness.damage import damaged, spiced
from tests.harness.json_types import JsonDict

ROUNDS = int(os.environ.get("CHATSYNTH_TEST_FUZZ", "25"))
SEED = int(os.environ.get("CHATSYNTH_TEST_FUZZ_SEED", "1"))
LIMITS = Limits(max_total_bytes=2**24)
MAKERS = {"chatgpt": chatgpt_conversation, "claude": claude_conversation}


@pytest.mark.parametrize("platform", MAKERS)
def test_a_wrong_structure_is_read_or_skipped_and_the_report_adds_up(tmp_path: Path, platform: str) -> None:
    for number in range(ROUNDS):
        random = Random(f"{SEED}/{platform}/{number}")
        good = MAKERS[platform](random, turns=2)
        wrong = [spiced(random, _good(random, platform), random.choice([0.003, 0.02, 0.1])) for _ in range(4)]
        path = written(tmp_path / f"{number}.json", json.dumps([good, *wrong]).encode())
        found = found_in(path, LIMITS)
        assert len(found) == 5, number
        assert isinstance(found[0], Parsed), number
        for one in found:
            if isinstance(one, Parsed):
                check_conversation(one)
        assert check_export(path, LIMITS).conversations_found == 5, number


@pytest.mark.parametrize("platform", MAKERS)
def test_damaged_bytes_are_refused_in_words_or_harmless(tmp_path: Path, platform: str) -> None:
    for number in range(ROUNDS):
        random = Random(f"{SEED}/bytes/{platform}/{number}")
        whole = json.dumps([_good(random, platform) for _ in range(3)]).encode()
        path = written(tmp_path / f"{number}.json", damaged(random, whole))
        try:
            for one in found_in(path, LIMITS):
                if isinstance(one, Parsed):
                    check_conversation(one)
        except ExportError as refused:
            assert str(refused).endswith("."), number  # noqa: PT017 - another outcome is right as well


def _good(random: Random, platform: str) -> JsonDict:
    return MAKERS[platform](random, turns=random.randint(1, 3))
