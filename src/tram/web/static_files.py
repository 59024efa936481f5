"""The static files, with those that the province has instead, read once, compressed once, and answered with the right to keep them."""

import gzip
import mimetypes
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from pathlib import PurePosixPath

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import FromPath

from tram.runtime.errors import Refused
from tram.web.assets import STATIC_FOLDER, with_versions

__all__ = ("static_file",)

_KEEP = "public, max-age=31536000, immutable"
_TYPES = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".geojson": "application/geo+json",
    ".woff2": "font/woff2",
}
_ASK_FOR_VENDORED = (".js", ".css")
_PACKED = (".mjs", ".js", ".css", ".svg", ".geojson", ".json", ".txt")
_FILES_MAX = 256
"""Files kept in memory, plain and compressed: more than there are."""


@get("/static/{file_path:path}", sync_to_thread=True, include_in_schema=False)
def static_file(request: Request[None, None, State], file_path: FromPath[str]) -> Response[bytes]:
    """Answer one static file; its address changes with its content, so it may be kept forever."""
    name = str(file_path).lstrip("/")
    known = _name_on_disk(name)
    packed = "gzip" in request.headers.get("accept-encoding", "") and known.endswith(_PACKED)
    instead: Mapping[str, bytes] = request.app.state.instead
    content = _form(instead.get(known) or _content(known), packed=packed)
    suffix = PurePosixPath(known).suffix
    headers = {"cache-control": _KEEP, "vary": "accept-encoding"}
    if packed:
        headers["content-encoding"] = "gzip"
    kind = _TYPES.get(suffix) or mimetypes.guess_type(known)[0] or "application/octet-stream"
    return Response(content, status_code=HTTPStatus.OK, media_type=kind, headers=headers)


def _name_on_disk(name: str) -> str:
    """Return the file's name below the static folder; our own files carry a version in front."""
    first, _, rest = name.partition("/")
    known = name if first == "vendor" else rest
    if known not in _names():
        raise Refused("page.unknown", "There is nothing at this address.")
    return known


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(
        path.relative_to(STATIC_FOLDER).as_posix()
        for path in STATIC_FOLDER.rglob("*")
        if path.is_file()
    )


@lru_cache(maxsize=_FILES_MAX)
def _content(name: str) -> bytes:
    plain = (STATIC_FOLDER / name).read_bytes()
    if name.endswith(_ASK_FOR_VENDORED) and not name.startswith("vendor/"):
        return with_versions(plain)
    return plain


@lru_cache(maxsize=_FILES_MAX)
def _form(plain: bytes, *, packed: bool) -> bytes:
    return gzip.compress(plain, mtime=0) if packed else plain
