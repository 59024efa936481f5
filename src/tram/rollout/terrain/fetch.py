"""Copernicus GLO-30 tiles of an area, from the programme's open bucket: resumable, checked.

Copernicus DEM GLO-30 is produced with funding by the European Union and ESA and is free to use
with attribution. A tile that the server does not have is open sea.
"""

import hashlib
import math
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec

from tram.rollout.terrain.importing import BoundingBox
from tram.runtime.errors import Refused, Unavailable

__all__ = ("DEFAULT_URL", "Fetched", "fetch_tiles", "tile_names")

DEFAULT_URL = "https://copernicus-dem-30m.s3.amazonaws.com"
_TILES_MAX = 100
_TRIES = 5
_TIMEOUT_S = 30.0
PIECE_S_MAX = 900.0
"""Longest for one answer of the server; what came by then is kept, and the next try goes on."""
TILE_BYTES_MAX = 1_000_000_000
_NOTES = "fetched.json"
_MD5_HEX = 32


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """A tile on disk, with its SHA-256; a tile of open sea has no file and no digest."""

    name: str
    bytes: int
    sha256: str


def tile_names(area: BoundingBox) -> list[str]:
    """Return the names of the one-degree tiles that cover an area.

    Raises:
        Refused: if there are too many.
    """
    names = [
        f"Copernicus_DSM_COG_10_{_hemisphere(lat, 'NS', 2)}_00_{_hemisphere(lon, 'EW', 3)}_00_DEM"
        for lat in range(math.floor(area.south), math.ceil(area.north))
        for lon in range(math.floor(area.west), math.ceil(area.east))
    ]
    if not names or len(names) > _TILES_MAX:
        raise Refused(
            "terrain.too_large",
            f"The area needs {len(names)} tiles; at most {_TILES_MAX} are fetched at once.",
            "Choose west, south, east and north in degrees of a smaller area.",
        )
    return names


def fetch_tiles(
    folder: Path,
    area: BoundingBox,
    report: Callable[[str], None],
    url: str = DEFAULT_URL,
) -> list[Path]:
    """Download what is missing and return the files; call again to go on after a break.

    Raises:
        Unavailable: if the server cannot be reached or keeps breaking off.
        Refused: if what came is not what the server announced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    notes = _read_notes(folder)
    with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=True) as client:
        for name in tile_names(area):
            known = notes.get(name)
            if known is not None and _is_whole(folder, known):
                report(f"{name}: there")
                continue
            notes[name] = _fetch(client, f"{url}/{name}/{name}.tif", folder, name)
            (folder / _NOTES).write_bytes(msgspec.json.encode(list(notes.values())))
            size = notes[name].bytes
            report(f"{name}: {size:,} bytes" if size else f"{name}: open sea, no tile")
    wanted = [notes[name] for name in tile_names(area)]
    return [folder / f"{tile.name}.tif" for tile in wanted if tile.bytes]


def _hemisphere(degrees: int, letters: str, width: int) -> str:
    return f"{letters[degrees < 0]}{abs(degrees):0{width}d}"


def _read_notes(folder: Path) -> dict[str, Fetched]:
    file = folder / _NOTES
    if not file.is_file():
        return {}
    return {item.name: item for item in msgspec.json.decode(file.read_bytes(), type=list[Fetched])}


def _is_whole(folder: Path, tile: Fetched) -> bool:
    file = folder / f"{tile.name}.tif"
    if not tile.bytes:
        return True
    return file.is_file() and _digest(file, "sha256") == tile.sha256


def _fetch(client: httpx.Client, address: str, folder: Path, name: str) -> Fetched:
    part = folder / f"{name}.part"
    for _ in range(_TRIES):
        try:
            checks = _continue(client, address, part)
        except httpx.TransportError:
            continue  # broken off: go on from where it broke
        if checks is None:
            return Fetched(name=name, bytes=0, sha256="")
        total, tag = checks
        if part.stat().st_size < total:
            continue
        _must_match(part, total, tag, name)
        part.replace(folder / f"{name}.tif")
        file = folder / f"{name}.tif"
        return Fetched(name=name, bytes=total, sha256=_digest(file, "sha256"))
    raise Unavailable(
        "terrain.fetch_broken",
        f"{address} could not be fetched in {_TRIES} tries.",
        "Run the command again later: it goes on from where it broke off.",
        retry_after_s=60,
    )


def _continue(client: httpx.Client, address: str, part: Path) -> tuple[int, str] | None:
    """Append what is missing; return the announced size and tag, None where no tile is."""
    there = part.stat().st_size if part.is_file() else 0
    headers = {"Range": f"bytes={there}-"} if there else {}
    with client.stream("GET", address, headers=headers) as answer:
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink()
            raise httpx.ReadError("the part on disk does not fit what the server has")
        answer.raise_for_status()
        resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
        start = there if resumed else 0
        total = start + int(answer.headers["Content-Length"])
        if total > TILE_BYTES_MAX:
            raise httpx.ReadError("the server announces more than a tile can be")
        until_s = time.monotonic() + PIECE_S_MAX
        with part.open("ab" if resumed else "wb") as file:
            for chunk in answer.iter_bytes():
                file.write(chunk)
                if time.monotonic() > until_s:
                    raise httpx.ReadTimeout("the server sends too slowly")
        return total, answer.headers.get("ETag", "").strip('"')


def _must_match(part: Path, total: int, tag: str, name: str) -> None:
    """Compare size, and the MD5 that the bucket gives as tag of an object sent in one piece."""
    wrong_size = part.stat().st_size != total
    wrong_sum = len(tag) == _MD5_HEX and _digest(part, "md5") != tag
    if wrong_size or wrong_sum:
        part.unlink()
        raise Refused(
            "terrain.fetch_damaged",
            f"{name} arrived damaged and was thrown away.",
            "Run the command again.",
        )


def _digest(file: Path, kind: str) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, kind).hexdigest()
