"""Write the software bill of materials (CycloneDX 1.6, JSON) of what the product runs on.

It lists every locked package with the hashes that the lock allows, the libraries, fonts and shapes
that lie in the repository with the hashes of their files, and their licences: of packages as the
installed ones state them. The same repository and environment give the same bytes.

Usage: sbom.py [FILE]   (build/sbom.cdx.json by default)
"""

import base64
import hashlib
import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
OUTPUT = ROOT / "build" / "sbom.cdx.json"
LOCK = ROOT / "requirements" / "base.lock"
VENDOR = ROOT / "src/tram/web/static/vendor"
SPEC = "1.6"
NAMESPACE = uuid.UUID("6f0f7f0e-52a1-5a35-9a0e-5d3b4f0c8c11")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)([^\\]*)\\?$")
HASHED = re.compile(r"--hash=sha256:([0-9a-f]{64})")
TROVE = "License :: "
SPDX = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "GPL-3.0-or-later", "ISC",
        "LGPL-3.0-or-later", "LLVM-exception", "MIT", "MIT-0", "MPL-2.0", "OFL-1.1", "PSF-2.0",
        "Zlib",
    }
)  # fmt: skip
"""Identifiers that may stand in an expression; what a package says else is a name."""

SHAPES = (
    ("liberation-serif", "src/tram/report/fonts", "2", "OFL-1.1"),
    ("coastline", "src/tram/web/static/geo", "1", "LGPL-3.0-or-later"),
)
"""Other people's files that came by themselves: name, folder, version, licence."""


def main() -> int:
    """Write the list and say how long it is."""
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else OUTPUT
    found = bill()
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(
        json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    print(f"{output}: {len(found['components'])} components")
    return 0


def bill() -> dict[str, Any]:
    """Return the whole list; its serial number follows from what it says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    root = {
        "type": "application",
        "bom-ref": f"tram@{project['version']}",
        "name": project["name"],
        "version": project["version"],
        "licenses": licences(project["license"]),
    }
    parts = sorted([*packages(), *vendored(), *shapes()], key=lambda part: part["bom-ref"])
    references = [part["bom-ref"] for part in parts]
    content = json.dumps([root, parts], ensure_ascii=False, sort_keys=True)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, content)}",
        "version": 1,
        "metadata": {"component": root},
        "components": parts,
        "dependencies": [
            {"ref": root["bom-ref"], "dependsOn": references},
            *({"ref": reference} for reference in references),
        ],
    }


def packages() -> Iterator[dict[str, Any]]:
    """Yield the packages of the lock, also those that only other systems install."""
    blocks = re.split(r"\n(?=[A-Za-z0-9])", LOCK.read_text(encoding="utf-8"))
    for block in blocks:
        first, _, rest = block.partition("\n")
        pinned = PINNED.match(first)
        if pinned is None:
            raise SystemExit(f"{LOCK.name}: not a pinned package: {first}")
        name, version, marker = pinned.groups()
        hashes = sorted(set(HASHED.findall(rest)))
        part = {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name.lower()}@{version}",
            "purl": f"pkg:pypi/{name.lower()}@{version}",
            "name": name,
            "version": version,
            "hashes": [{"alg": "SHA-256", "content": digest} for digest in hashes],
        }
        stated = licence_of(name)
        if stated:
            part["licenses"] = licences(stated)
        if marker.strip(" ;"):
            part["properties"] = [{"name": "tram:only-where", "value": marker.strip(" ;")}]
        yield part


def licence_of(name: str) -> str:
    """Return the licence that the installed package states; empty when it is not installed here."""
    try:
        found = metadata(name)
    except PackageNotFoundError:
        return ""
    expression = _said(found, "License-Expression")
    stated = _said(found, "License")
    if expression or stated in SPDX:
        return expression or stated
    troves = [said for said in found.get_all("Classifier", []) if said.startswith(TROVE)]
    return "; ".join(said.rpartition(" :: ")[2] for said in troves) or stated.partition("\n")[0]


def _said(found: PackageMetadata, field: str) -> str:
    return str(found[field]) if field in found else ""


def licences(stated: str) -> list[dict[str, Any]]:
    """Return a licence as the format has it: an expression of identifiers, else a name."""
    words = re.split(r"\s+(?:AND|OR|WITH)\s+", stated.replace("(", "").replace(")", ""))
    is_expression = all(word.strip() in SPDX for word in words)
    return [{"expression": stated}] if is_expression else [{"license": {"name": stated}}]


def vendored() -> Iterator[dict[str, Any]]:
    """Yield the browser's libraries with their files."""
    for kept in json.loads((VENDOR / "vendor.lock.json").read_text(encoding="utf-8")):
        reference = f"pkg:npm/{kept['npm'].replace('@', '%40')}@{kept['version']}"
        files = {
            name: base64.b64decode(digest.removeprefix("sha512-")).hex()
            for name, digest in kept["files"].items()
        }
        yield {
            "type": "library",
            "bom-ref": reference,
            "purl": reference,
            "name": kept["npm"],
            "version": kept["version"],
            "licenses": licences(kept["licence"]),
            "hashes": [_sha512(base64.b64decode(kept["integrity"].removeprefix("sha512-")).hex())],
            "components": _files(reference, files),
        }


def shapes() -> Iterator[dict[str, Any]]:
    """Yield fonts and map shapes that lie in the repository."""
    for name, folder, version, licence in SHAPES:
        reference = f"{name}@{version}"
        files = {
            path.name: hashlib.sha512(path.read_bytes()).hexdigest()
            for path in (ROOT / folder).iterdir()
            if path.is_file()
        }
        yield {
            "type": "data",
            "bom-ref": reference,
            "name": name,
            "version": version,
            "licenses": licences(licence),
            "components": _files(reference, files),
        }


def _files(reference: str, files: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "type": "file",
            "bom-ref": f"{reference}#{name}",
            "name": name,
            "hashes": [_sha512(digest)],
        }
        for name, digest in sorted(files.items())
    ]


def _sha512(digest: str) -> dict[str, str]:
    return {"alg": "SHA-512", "content": digest}


if __name__ == "__main__":
    sys.exit(main())
