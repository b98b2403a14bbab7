"""What a person gets who installs the package: the page and the migrations are in it, or it is not built."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
STATIC = Path("src/chatsynth/web/static")
MIGRATIONS = Path("src/chatsynth/database/migrations")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources as a clean clone has them: without a built page."""
    root = tmp_path / "tree"
    root.mkdir()
    for name in (".gitignore", "LICENSE", "README.md", "hatch_build.py", "pyproject.toml"):
        shutil.copy(PROJECT / name, root)
    shutil.copytree(PROJECT / "src", root / "src", ignore=shutil.ignore_patterns("static", "__pycache__"))
    return root


def add_stub_page(tree: Path) -> None:
    assets = tree / STATIC / "assets"
    assets.mkdir(parents=True)
    (tree / STATIC / "index.html").write_text("<!doctype html><title>Stub</title>")
    (assets / "index-stub.js").write_text("export {};")


def build_wheel(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", "."]
    return subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def names_in_wheel(tree: Path) -> set[str]:
    (wheel,) = (tree / "dist").glob("chatsynth-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_wheel_contains_the_page_the_migrations_and_the_types(tree: Path) -> None:
    add_stub_page(tree)
    built = build_wheel(tree)
    assert built.returncode == 0, built.stdout

    names = names_in_wheel(tree)
    shipped = {path for path in (tree / MIGRATIONS).rglob("*") if path.is_file()}
    assert any(path.parent.name == "versions" for path in shipped)
    assert names >= {path.relative_to(tree / "src").as_posix() for path in shipped}
    assert names >= {
        "chatsynth/py.typed",
        "chatsynth/web/static/index.html",
        "chatsynth/web/static/assets/index-stub.js",
    }


def test_wheel_is_not_built_without_the_page_and_a_sentence_says_so(tree: Path) -> None:
    built = build_wheel(tree)

    assert built.returncode != 0
    assert "src/chatsynth/web/static/index.html is missing" in built.stdout
    assert "make page" in built.stdout
    assert "Traceback" not in built.stdout
    assert not list(tree.glob("dist/*.whl"))


def test_development_install_does_not_need_the_page(tree: Path, tmp_path: Path) -> None:
    build_editable = "import sys; from hatchling.build import build_editable; build_editable(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build_editable, str(tmp_path)], cwd=tree, check=True)

    assert list(tmp_path.glob("chatsynth-*.whl"))
