"""Adds up what a first visit loads, compressed, and fails when that is more than promised."""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

STATIC = Path(__file__).parent.parent / "src/chatsynth/web/static"
LIMIT_BYTES = 400_000
# Of a font's files, one for each script, a browser fetches those that the page's text needs.
FONTS_OF_ENGLISH = "-latin-wght-normal-"


class Chunk(TypedDict, total=False):
    """One item of the manifest that Vite writes (https://vite.dev/guide/backend-integration)."""

    file: str
    isEntry: bool
    imports: list[str]
    css: list[str]
    assets: list[str]


Manifest = dict[str, Chunk]


def first_load(manifest: Manifest) -> list[str]:
    """The files that the browser needs to show the page: entries, what they import, styles and font."""
    seen: dict[str, None] = {}

    def visit(name: str) -> Iterator[str]:
        if name in seen:
            return
        seen[name] = None
        chunk = manifest[name]
        yield chunk["file"]
        yield from chunk.get("css", [])
        yield from (asset for asset in chunk.get("assets", []) if FONTS_OF_ENGLISH in asset)
        for imported in chunk.get("imports", []):
            yield from visit(imported)

    entries = [name for name, chunk in manifest.items() if chunk.get("isEntry")]
    return list(dict.fromkeys(["index.html", *(file for name in entries for file in visit(name))]))


def compressed_bytes(path: Path) -> int:
    """The size that goes over the network when the server compresses with gzip."""
    return len(gzip.compress(path.read_bytes(), compresslevel=6))


def main() -> int:
    """Prints one line for each file and the sum; 1 when the sum is over the limit or nothing is built."""
    manifest_path = STATIC / ".vite/manifest.json"
    if not manifest_path.is_file():
        print("The page is not built: run `make page` first.", file=sys.stderr)
        return 1
    manifest: Manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    sizes = {file: compressed_bytes(STATIC / file) for file in first_load(manifest)}
    for file, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{size / 1000:8.1f} KB  {file}")
    total = sum(sizes.values())
    print(f"{total / 1000:8.1f} KB  first load, gzip (limit {LIMIT_BYTES / 1000:.0f} KB)")
    return 1 if total > LIMIT_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
