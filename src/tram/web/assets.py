"""Addresses of the static files: each names its version or its content, so caches keep it forever."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.messages.extract import extract_from_file

__all__ = ("STATIC_FOLDER", "Assets", "load_assets", "script_msgids", "with_versions")

STATIC_FOLDER = Path(__file__).parent / "static"
_VENDOR = "vendor"
_LOCK = STATIC_FOLDER / _VENDOR / "vendor.lock.json"
"""The one place that names the versions of what is vendored; ``tools/vendor.py`` writes it."""
_ASKED = re.compile(rb"(/static/vendor/([\w.-]+)/)(?=[\w.-]+[\"')])")
_VERSION_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Assets:
    """Where a page finds our files (by the hash of all of them) and the vendored ones."""

    version: str
    vendored: dict[str, str]

    def own(self, name: str) -> str:
        """Return the address of one of our own files, such as ``js/map.js``."""
        return f"/static/{self.version}/{name}"

    def vendor(self, package: str, name: str) -> str:
        """Return the address of a vendored file at its pinned version."""
        return f"/static/{_VENDOR}/{package}/{self.vendored[package]}/{name}"


def load_assets(instead: Mapping[str, bytes]) -> Assets:
    """Hash our own static files, and those served instead; read the versions of the vendored ones."""
    digest = hashlib.sha256()
    for path in sorted(STATIC_FOLDER.rglob("*")):
        inside = path.relative_to(STATIC_FOLDER)
        if path.is_file() and inside.parts[0] != _VENDOR:
            digest.update(str(inside).encode() + b"\0" + path.read_bytes())
    for name, content in sorted(instead.items()):
        digest.update(name.encode() + b"\0" + content)
    digest.update(_LOCK.read_bytes())
    return Assets(digest.hexdigest()[:_VERSION_LETTERS], _vendored())


def with_versions(source: bytes) -> bytes:
    """Return a script or sheet of ours whose vendored files are asked for at their versions."""
    return _ASKED.sub(
        lambda asked: asked[1] + _vendored()[asked[2].decode()].encode() + b"/", source
    )


@lru_cache(maxsize=1)
def _vendored() -> dict[str, str]:
    return {package["name"]: package["version"] for package in json.loads(_LOCK.read_bytes())}


def script_msgids() -> tuple[str, ...]:
    """Return every message that the scripts ask for by ``t("…")``."""
    found: set[str] = set()
    for path in sorted((STATIC_FOLDER / "js").glob("*.js")):
        for item in extract_from_file("javascript", path, keywords={"t": None}):
            found.add(str(item[1]))
    return tuple(sorted(found))
