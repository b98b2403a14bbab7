"""Runs the fuzz tests again and again, each time with another seed: `make fuzz` (MINUTES=, SEED= to change)."""

import argparse
import os
import subprocess
import sys
import time

FUZZED = (
    "tests/faults/neighbours/test_fuzz.py",
    "tests/features/imports/test_structure_fuzz.py",
    "tests/features/imports/test_archive_fuzz.py",
    "tests/changes/test_fuzz.py",
    "tests/changes/test_json_form.py",
    "tests/realtime/test_parsing.py",
    "tests/web/test_early_reader.py",
)
SIZE = "200"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.fuzz")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    given = parser.parse_args()
    until_s = time.monotonic() + 60 * given.minutes
    seed = given.seed
    while True:
        print(f"seed {seed}", flush=True)
        environment = {**os.environ, "CHATSYNTH_TEST_FUZZ": SIZE, "CHATSYNTH_TEST_FUZZ_SEED": str(seed)}
        command = [sys.executable, "-m", "pytest", "-q", "-x", f"--hypothesis-seed={seed}", *FUZZED]
        if subprocess.run(command, env=environment, check=False).returncode != 0:
            print(f"Found with seed {seed}: CHATSYNTH_TEST_FUZZ={SIZE} CHATSYNTH_TEST_FUZZ_SEED={seed} repeats it.")
            return 1
        if time.monotonic() > until_s:
            return 0
        seed += 1


if __name__ == "__main__":
    sys.exit(main())
