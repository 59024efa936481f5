"""Bring in the browser libraries at pinned versions, with hashes and licences, through ``npm pack``.

Run it only to change a version; what it writes is committed, so neither the product nor its tests
need Node. Each package lands in ``<folder>/<name>/<version>/`` and ``vendor.lock.json`` records the
sha512 of the package as the registry signed it and of every file as it lies here.

Usage: vendor.py
"""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
PRODUCT = ROOT / "src/tram/web/static/vendor"
TESTS = ROOT / "tests/browser/vendor"
LOCK = "vendor.lock.json"

ICONS = (
    "activity", "ban", "check", "chevron-down", "chevron-left", "chevron-right", "circle-check",
    "circle-dashed", "circle-question-mark", "circle-x", "clock", "copy", "cpu", "download", "eye",
    "file-text", "funnel", "history", "info", "key-round", "languages", "layout-dashboard", "link",
    "log-out", "map", "map-pin", "moon", "pencil", "plus", "radio-tower", "refresh-cw", "save",
    "search", "sun", "sun-moon", "triangle-alert", "undo-2", "user", "x",
)  # fmt: skip


@dataclass(frozen=True)
class Package:
    """One library: what to fetch, which of its files to keep, under which licence it stands."""

    npm: str
    version: str
    licence: str
    licence_file: str
    files: Mapping[str, str]
    icons: tuple[str, ...] = ()
    name: str = field(default="")

    @property
    def folder(self) -> str:
        """Return the package's folder name."""
        return self.name or self.npm


def fonts() -> dict[str, str]:
    """Name the font files of the two weights in the two subsets."""
    names = [
        f"be-vietnam-pro-{subset}-{weight}-normal.woff2"
        for subset in ("latin", "vietnamese")
        for weight in (400, 600)
    ]
    return {f"files/{name}": name for name in names}


FOR_THE_PRODUCT = (
    Package(
        "maplibre-gl", "6.17.0", "BSD-3-Clause", "LICENSE.txt",
        {
            "dist/maplibre-gl.mjs": "maplibre-gl.mjs",
            "dist/maplibre-gl-shared.mjs": "maplibre-gl-shared.mjs",
            "dist/maplibre-gl-worker.mjs": "maplibre-gl-worker.mjs",
            "dist/maplibre-gl.css": "maplibre-gl.css",
        },
    ),
    Package(
        "uplot", "1.6.32", "MIT", "LICENSE",
        {"dist/uPlot.esm.js": "uPlot.esm.js", "dist/uPlot.min.css": "uPlot.min.css"},
    ),
    Package(
        "htmx.org", "2.0.11", "0BSD", "LICENSE", {"dist/htmx.min.js": "htmx.min.js"}, name="htmx"
    ),
    Package(
        "@fontsource/be-vietnam-pro", "5.3.0", "OFL-1.1", "LICENSE", fonts(), name="be-vietnam-pro"
    ),
    Package("lucide-static", "1.62.0", "ISC", "LICENSE", {}, icons=ICONS, name="lucide"),
)  # fmt: skip
FOR_THE_TESTS = (
    Package("axe-core", "4.14.1", "MPL-2.0", "LICENSE", {"axe.min.js": "axe.min.js"}),
    Package("mqtt", "5.16.0", "MIT", "LICENSE.md", {"dist/mqtt.min.js": "mqtt.min.js"}),
)


def sha512(content: bytes) -> str:
    """Return the hash in the form that browsers and npm use."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode("ascii")


def fetch(package: Package, folder: Path) -> tuple[bytes, str]:
    """Fetch the package and return its archive with the hash that the registry states."""
    done = subprocess.run(
        ["npm", "pack", "--json", "--silent", f"{package.npm}@{package.version}"],
        check=True, capture_output=True, cwd=folder, encoding="utf-8",
    )  # fmt: skip
    stated = json.loads(done.stdout)[0]
    archive = (folder / stated["filename"]).read_bytes()
    if sha512(archive) != stated["integrity"]:
        raise SystemExit(f"{package.npm}: the archive does not have the stated hash.")
    return archive, stated["integrity"]


def sprite(package: Package, unpacked: Path) -> bytes:
    """Join the chosen icons into one SVG of symbols; strokes take the colour of the text."""
    symbols = []
    for icon in package.icons:
        drawing = (unpacked / "icons" / f"{icon}.svg").read_text(encoding="utf-8")
        inner = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
        if inner is None:
            raise SystemExit(f"{icon}: not an SVG.")
        shapes = " ".join(inner.group(1).split())
        symbols.append(f'<symbol id="{icon}" viewBox="0 0 24 24">{shapes}</symbol>')
    note = f"<!-- lucide {package.version}, ISC: see LICENSE.txt -->"
    svg = '<svg xmlns="http://www.w3.org/2000/svg">'
    return "\n".join([note, svg, *symbols, "</svg>", ""]).encode()


def unpack(package: Package, archive: Path, scratch: Path) -> dict[str, bytes]:
    """Return the kept files by the name under which they lie here."""
    with tarfile.open(archive) as tar:
        tar.extractall(scratch, filter="data")
    unpacked = scratch / "package"
    kept = {new: (unpacked / old).read_bytes() for old, new in package.files.items()}
    kept["LICENSE.txt"] = (unpacked / package.licence_file).read_bytes()
    if package.icons:
        kept["sprite.svg"] = sprite(package, unpacked)
    return kept


def vendor(packages: tuple[Package, ...], folder: Path) -> None:
    """Replace the folder by the packages at their pinned versions, and write its lock."""
    shutil.rmtree(folder, ignore_errors=True)
    lock = []
    for package in packages:
        with tempfile.TemporaryDirectory() as scratch:
            archive, integrity = fetch(package, Path(scratch))
            path = Path(scratch) / "archive.tgz"
            path.write_bytes(archive)
            kept = unpack(package, path, Path(scratch))
        home = folder / package.folder / package.version
        home.mkdir(parents=True)
        for name, content in sorted(kept.items()):
            (home / name).write_bytes(content)
        lock.append(
            {
                "name": package.folder,
                "npm": package.npm,
                "version": package.version,
                "licence": package.licence,
                "integrity": integrity,
                "files": {name: sha512(content) for name, content in sorted(kept.items())},
            }
        )
        print(package.folder, package.version, len(kept), "files")
    (folder / LOCK).write_text(json.dumps(lock, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    vendor(FOR_THE_PRODUCT, PRODUCT)
    vendor(FOR_THE_TESTS, TESTS)
