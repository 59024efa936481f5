"""The bill of materials: what CycloneDX asks for, everything locked and vendored, the same bytes."""

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.repository import ROOT

DIGITS = {"SHA-256": 64, "SHA-512": 128}


@pytest.fixture(scope="module")
def sbom() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "tools/sbom.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def components(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for part in parts:
        yield part
        yield from components(part.get("components", []))


def test_it_is_cyclonedx(sbom: ModuleType) -> None:
    found = sbom.bill()
    parts = list(components([found["metadata"]["component"], *found["components"]]))

    assert (found["bomFormat"], found["specVersion"], found["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", found["serialNumber"]
    )
    references = [part["bom-ref"] for part in parts]
    assert len(references) == len(set(references))
    for part in parts:
        assert part["type"] in {"application", "library", "data", "file"}
        assert part["name"]
        for digest in part.get("hashes", []):
            assert re.fullmatch(f"[0-9a-f]{{{DIGITS[digest['alg']]}}}", digest["content"])
        said = part.get("licenses", [])
        assert len(said) <= 1
        assert all(set(one) == {"expression"} or one["license"]["name"] for one in said)
    linked = {edge["ref"] for edge in found["dependencies"]}
    assert linked <= set(references)


def test_it_lists_all_that_is_locked_and_vendored_with_hashes_and_licences(
    sbom: ModuleType,
) -> None:
    parts = {(part["name"], part["version"]): part for part in sbom.bill()["components"]}
    lock = (ROOT / "requirements/base.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", lock, re.MULTILINE)
    kept = json.loads((sbom.VENDOR / "vendor.lock.json").read_text(encoding="utf-8"))

    wanted = {*pins, *((one["npm"], one["version"]) for one in kept)}
    assert wanted <= parts.keys()
    assert all(parts[key]["hashes"] for key in wanted)
    without = {name for (name, _), part in parts.items() if not part.get("licenses")}
    # Of packages that only other systems install nobody here can say it.
    elsewhere = {name for (name, _), part in parts.items() if part.get("properties")}
    assert without <= elsewhere


def test_it_is_the_same_each_time_and_names_no_index(sbom: ModuleType, tmp_path: Path) -> None:
    texts = [json.dumps(sbom.bill(), sort_keys=True) for _ in range(2)]

    assert texts[0] == texts[1]
    assert "://" not in texts[0]
