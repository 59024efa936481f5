"""What a former version kept, opened by this one: the same answers, the same addresses, and it goes on.

``former/<version>.tar.xz`` holds the data folder of a small installation (three synthetic devices,
a rule and its alarms, a loan, a second person) with its ``tram.toml``, the tokens of its devices,
and what its interface answered and described when that version closed it.
"""

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.product import Product, wait_until

FORMER = sorted((Path(__file__).parent / "former").glob("*.tar.xz"))
OF_THE_MOMENT = {"as_of_ms", "age_s", "state"}
TODAY = {"//counts/as_of"}
"""A day that is the one of the question, where none is asked for."""


@dataclass
class Former:
    """A former version's installation, run by this one."""

    product: Product
    tokens: dict[int, str]
    answers: dict[str, Any]
    interface: dict[str, Any]


@pytest.fixture(scope="module", params=FORMER, ids=lambda path: path.name)
def former(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Former]:
    folder = Path(tmp_path_factory.mktemp("former"))
    with tarfile.open(request.param) as archive:
        archive.extractall(folder, filter="data")
    tokens, answers, interface = (
        json.loads((folder / f"{name}.json").read_text())
        for name in ("devices", "answers", "openapi")
    )
    with Product(folder / "data") as product:
        yield Former(product, dict(tokens), answers, interface)


def _lost(kept: Any, found: Any, path: str = "") -> Iterator[str]:
    """Yield each place where what was kept is not found as it was; more may be found."""
    if isinstance(kept, dict) and isinstance(found, dict):
        for key in kept.keys() - OF_THE_MOMENT:
            yield from _lost(kept[key], found.get(key, "(gone)"), f"{path}/{key}")
    elif isinstance(kept, list) and isinstance(found, list) and len(kept) == len(found):
        for number, (one, other) in enumerate(zip(kept, found, strict=True)):
            yield from _lost(one, other, f"{path}/{number}")
    elif kept != found and path not in TODAY:
        yield f"{path}: was {kept!r}, is {found!r}"


def test_every_answer_is_as_it_was_and_new_readings_come(former: Former) -> None:
    with former.product.log_in() as person:
        found = {asked: person.get(asked).json() for asked in former.answers}
        assert list(_lost(former.answers, found)) == []

        for device, token in former.tokens.items():
            sent = httpx.post(
                f"{former.product.http_url}/api/v1/{token}/telemetry", json={"pH": 6.9}
            )
            assert sent.status_code == 200
            wait_until(
                lambda device=device: former.product.latest(person, device)["pH"] == 6.9,
                f"what device {device} measures now is shown",
            )
    told = former.product.tram("doctor").splitlines()
    assert [line for line in told if not line.startswith("fine")] == []


def test_every_address_is_served_with_its_parameters(former: Former) -> None:
    with former.product.log_in() as person:
        described = person.get("/schema/openapi.json").json()
    paths = described["paths"]

    gone = [
        f"{method} {path} {parameter['name']}"
        for path, methods in former.interface["paths"].items()
        for method, operation in methods.items()
        for parameter in [*operation.get("parameters", []), {"name": "itself", "in": ""}]
        if not _is_served(paths.get(path, {}).get(method), parameter)
    ]

    assert gone == []
    assert sorted(_members(former.interface) - _members(described)) == []


def _members(document: dict[str, Any]) -> set[str]:
    """Return every member of every body that an address takes or gives, as METHOD path.a.b.c."""
    return {
        member
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for body in (operation.get("requestBody", {}), *operation["responses"].values())
        for content in body.get("content", {}).values()
        for member in _below(document, content, f"{method} {path}", ())
    }


def _below(
    document: dict[str, Any], schema: dict[str, Any], place: str, seen: tuple[str, ...]
) -> Iterator[str]:
    reference = schema.get("$ref", "")
    if reference and reference not in seen:
        named = document["components"]["schemas"][reference.rpartition("/")[2]]
        yield from _below(document, named, place, (*seen, reference))
    for name, part in schema.get("properties", {}).items():
        yield f"{place}.{name}"
        yield from _below(document, part, f"{place}.{name}", seen)
    for word in ("items", "oneOf", "anyOf", "allOf", "schema"):
        parts = schema.get(word) or []
        for part in parts if isinstance(parts, list) else [parts]:
            yield from _below(document, part, place, seen)


def _is_served(operation: dict[str, Any] | None, parameter: dict[str, Any]) -> bool:
    if operation is None or parameter["name"] == "itself":
        return operation is not None
    names = {(p["name"], p["in"]) for p in operation.get("parameters", [])}
    return (parameter["name"], parameter["in"]) in names
