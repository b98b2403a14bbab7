"""Runs the Autobahn TestSuite's fuzzing client against the product's WebSocket protocol class: `make autobahn`.

The suite runs on Python 2.7 only. It is installed into a folder of its own, beside this project's environment.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(sys.prefix) / "autobahn"
SUITE = "autobahntestsuite==0.8.2"
RUN_SUITE = "from autobahntestsuite import wstest; wstest.run()"
AGENT = "ChatSynth"
START_TIMEOUT_S = 30.0
GOOD = {"OK", "INFORMATIONAL", "UNIMPLEMENTED"}
"""Unimplemented is what needs compression, which the server refuses."""
NO_PYTHON = (
    "The Autobahn TestSuite needs Python 2.7, and none was found. Install one (for example `pyenv install 2.7.18` or "
    "PyPy 2.7) and name it: make autobahn PYTHON27=/path/to/python2.7"
)


def main() -> int:
    python = _python_2_7()
    if python is None:
        print(NO_PYTHON, file=sys.stderr)
        return 1
    _install(python)
    port = _free_port()
    with _echo_server(port):
        _run_suite(python, port)
    return _judge()


def _python_2_7() -> str | None:
    """The first that really runs: a launcher that is on the path may stand for nothing."""
    named = os.environ.get("PYTHON27")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = map(str, sorted(pyenv.glob("2.7*/bin/python2.7")))
    candidates = [named] if named else ["python2.7", "python2", "pypy", *installed]
    return next((each for each in candidates if shutil.which(each) and _is_2_7(each)), None)


def _is_2_7(python: str) -> bool:
    asked = [python, "-c", "import sys; sys.exit(sys.version_info[:2] != (2, 7))"]
    return subprocess.run(asked, stderr=subprocess.DEVNULL, check=False).returncode == 0


def _environment() -> dict[str, str]:
    """Only a user's folder is searched for namespace packages as well as a system's."""
    return {**os.environ, "PYTHONUSERBASE": str(FOLDER), "PYTHONDONTWRITEBYTECODE": "1"}


def _install(python: str) -> None:
    stamp = FOLDER / SUITE
    if not stamp.exists():
        pip = [python, "-m", "pip", "install", "--quiet", "--user", "--no-warn-script-location", SUITE]
        subprocess.run(pip, env=_environment(), check=True)
        stamp.touch()


@contextmanager
def _echo_server(port: int) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "tests.harness.echo_server", str(port)])
    try:
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline_s:
                raise RuntimeError("The echo server did not start.")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


def _run_suite(python: str, port: int) -> None:
    spec = {
        "outdir": str(FOLDER / "reports"),
        "servers": [{"agent": AGENT, "url": f"ws://127.0.0.1:{port}"}],
        "cases": os.environ.get("CASES", "*").split(),
        "exclude-cases": [],
        "exclude-agent-cases": {},
    }
    path = FOLDER / "fuzzingclient.json"
    path.write_text(json.dumps(spec))
    program = f"import sys; sys.argv = ['wstest', '-m', 'fuzzingclient', '-s', {str(path)!r}]; {RUN_SUITE}"
    with (FOLDER / "suite.log").open("wb") as log:
        subprocess.run([python, "-c", program], env=_environment(), stdout=log, stderr=log, check=True)


def _judge() -> int:
    found = json.loads((FOLDER / "reports" / "index.json").read_text())[AGENT]
    ends = Counter(case["behavior"] for case in found.values())
    bad = {
        name: f"{case['behavior']}, closing {case['behaviorClose']}"
        for name, case in found.items()
        if not {case["behavior"], case["behaviorClose"]} <= GOOD
    }
    print(f"{len(found)} cases: {', '.join(f'{count} {name}' for name, count in ends.most_common())}")
    for name, end in bad.items():
        print(f"  {name}: {end}")
    print(f"Every case in detail: {FOLDER / 'reports' / 'index.html'}")
    return 1 if bad else 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    sys.exit(main())
