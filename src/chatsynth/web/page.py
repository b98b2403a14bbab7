"""Serves the built page: hashed files for ever, the rest fresh, and `index.html` for every address within the page."""

import gzip
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

from fastapi import APIRouter
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

STATIC = Path(__file__).parent / "static"
HASHED = "assets/"
"""The build puts a hash of the content into the names below this folder."""
NOT_OF_THE_PAGE = ("api", "ws", "healthz", "readyz", "metrics")
COMPRESSIBLE = (".js", ".css", ".html", ".svg", ".json", ".webmanifest")


class _OfThePage(PathConvertor):
    """Any path but those of `NOT_OF_THE_PAGE`: what is not there is not the page, and may take another method."""

    regex = f"(?!(?:{'|'.join(NOT_OF_THE_PAGE)})(?:/|$)).*"


register_url_convertor("page", _OfThePage())
FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>ChatSynth</title></head>
<body><h1>The page has not been built yet</h1>
<p>The server runs, but its page is missing. Build it with <code>make page</code>, then load this address again.</p>
</body></html>
"""


def page_router(static: Path = STATIC) -> APIRouter:
    """To be included last: it takes every address that nothing else takes."""
    router = APIRouter(include_in_schema=False)

    @router.get("/{path:page}")
    def page(request: Request, path: str) -> Response:
        file = _file_at(static, path)
        if file is not None:
            return _answer(request, file, FOR_EVER if path.startswith(HASHED) else ASK_FIRST)
        if path.startswith(HASHED):
            raise HTTPException(404)
        index = static / "index.html"
        return _answer(request, index, ASK_FIRST) if index.is_file() else HTMLResponse(NOT_BUILT, 503)

    return router


def page_is_built(static: Path = STATIC) -> bool:
    return (static / "index.html").is_file()


def _file_at(static: Path, path: str) -> Path | None:
    """The file that this address names; None if there is none below the folder of the page."""
    if not path or "\0" in path:
        return None
    try:
        file = (static / path).resolve()
        return file if file.is_relative_to(static.resolve()) and file.is_file() else None
    except OSError:  # a name that the file system cannot even look for
        return None


def _answer(request: Request, file: Path, caching: str) -> Response:
    headers = {"Cache-Control": caching, "Vary": "Accept-Encoding"}
    if file.suffix not in COMPRESSIBLE or "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(file, headers=headers)
    content = _compressed(file, file.stat().st_mtime_ns)
    kind = guess_type(file.name)[0] or "application/octet-stream"
    return Response(content, headers={**headers, "Content-Encoding": "gzip"}, media_type=kind)


@lru_cache(maxsize=256)
def _compressed(file: Path, _changed_ns: int) -> bytes:
    """Once for each state of a file."""
    return gzip.compress(file.read_bytes(), mtime=0)
