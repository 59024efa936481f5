"""Everything that is wrong in the files of a province, by file and field."""

import csv
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from tram.domain.province import (
    Commune,
    LetterFacts,
    PlaceName,
    ProvinceFacts,
    ProvinceOrganisation,
    ProvinceZone,
    SpotHeight,
    csv_rows,
    facts_of,
)
from tram.registry.kernel.authorities import OWNER_CODE, ROOT_CODE
from tram.report.letter.blocks import BLOCKS
from tram.report.letter.content import Letter
from tram.rollout.directives.views import NewDocument, NewRecommendation, NewTask
from tram.rollout.inventory.views import SIMULATED, NewCount, NewOperator, NewTarget
from tram.runtime.errors import Fault

__all__ = ("faults_in",)

Struct = type[msgspec.Struct]
Row = Mapping[str, Any]

_SINGLE: Mapping[str, Struct] = {
    "province.toml": ProvinceFacts,
    "letter.json": LetterFacts,
    "printed_letter.json": Letter,
}
_LISTS: Mapping[str, tuple[Struct, str]] = {
    "communes.csv": (Commune, "code"),
    "organisations.json": (ProvinceOrganisation, "code"),
    "zones.csv": (ProvinceZone, "id"),
    "operators.json": (NewOperator, "code"),
    "counts.json": (NewCount, ""),
    "targets.json": (NewTarget, "key"),
    "documents.json": (NewDocument, "key"),
    "tasks.json": (NewTask, "key"),
    "recommendations.json": (NewRecommendation, "code"),
    "places.json": (PlaceName, ""),
    "spot_heights.csv": (SpotHeight, ""),
}
"""What a line of each list is, and the field that names it."""
_REFERENCES = (
    ("organisations.json", "parent", "organisations.json"),
    ("counts.json", "operator", "operators.json"),
    ("tasks.json", "document", "documents.json"),
)
"""Fields that name a line of a list."""
_BY_NUMBER = {("counts.json", "operator"), ("tasks.json", "document")}
"""Fields that name a line where the register has its number."""
_LINKS = ("documents.json", "links")
_DECODERS: Mapping[str, Callable[[bytes], Any]] = {
    "csv": csv_rows,
    "json": msgspec.json.decode,
    "toml": lambda content: tomllib.loads(content.decode()),
}
_SPOTS_MIN = 3


def faults_in(files: Mapping[str, bytes]) -> list[Fault]:
    """Return all faults of a province's files; every needed one is there."""
    faults: list[Fault] = []
    for name, kind in _SINGLE.items():
        if name in files:
            faults += _of_struct(name, kind, _read(faults, name, files))
    lists = {name: _rows(faults, name, files) for name in _LISTS}
    for name, rows in lists.items():
        for place, row in _places(name, rows):
            faults += _of_struct(place, _LISTS[name][0], _as_kept(name, row))
    # What things say of each other is looked at when each is what it should be.
    return faults or [
        *_of_letter(files["letter.json"]),
        *_of_boxes(facts_of(files["province.toml"])),
        *_of_places(facts_of(files["province.toml"]), lists),
        *_of_names(lists),
        *_of_references(lists),
    ]


def _read(faults: list[Fault], name: str, files: Mapping[str, bytes]) -> object:
    """Return what a file says, None where it cannot be read."""
    try:
        return _DECODERS[name.rpartition(".")[2]](files[name])
    except (ValueError, csv.Error) as error:
        faults.append(Fault(name, "province.unreadable", {"problem": str(error)}))
        return None


def _rows(faults: list[Fault], name: str, files: Mapping[str, bytes]) -> list[Row]:
    """Return the lines of a list; it may stand under its file's stem, beside a note."""
    found = _read(faults, name, files)
    if isinstance(found, dict):
        found = found.get(name.partition(".")[0])
    if isinstance(found, list) and all(isinstance(row, dict) for row in found):
        return found
    if found is not None:
        faults.append(Fault(name, "province.no_list"))
    return []


def _places(name: str, rows: list[Row]) -> Iterator[tuple[str, Row]]:
    """Yield each line with its place as a fault names it."""
    return ((f"{name}[{number}]", row) for number, row in enumerate(rows, start=1))


def _as_kept(name: str, row: Row) -> Row:
    """Return a line as its register takes it: numbers where the folder has names, no links."""
    return {
        field: 1 if (name, field) in _BY_NUMBER else value
        for field, value in row.items()
        if (name, field) != _LINKS
    }


def _of_struct(place: str, kind: Struct, given: object) -> Iterator[Fault]:
    """Yield what does not fit the struct, by field."""
    if not isinstance(given, dict):
        if given is not None:
            yield Fault(place, "province.no_table")
        return
    known = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    yield from (Fault(f"{place}.{name}", "province.field") for name in given.keys() - known)
    for name, field in known.items():
        if name not in given:
            if field.required:
                yield Fault(f"{place}.{name}", "field.missing")
            continue
        try:
            msgspec.convert(
                given[name], field.type, strict=not place.partition("[")[0].endswith(".csv")
            )
        except msgspec.ValidationError as error:
            yield Fault(f"{place}.{name}", "province.value", {"problem": str(error)})


def _of_letter(content: bytes) -> Iterator[Fault]:
    texts = msgspec.json.decode(content, type=LetterFacts).texts
    for block in BLOCKS:
        if block.key not in texts:
            yield Fault(f"letter.json.texts.{block.key}", "province.text")


def _of_boxes(facts: ProvinceFacts) -> Iterator[Fault]:
    for name in ("bounds", "view", "terrain"):
        if not getattr(facts, name).has_inside:
            yield Fault(f"province.toml.{name}", "province.box")


def _of_places(facts: ProvinceFacts, lists: Mapping[str, list[Row]]) -> Iterator[Fault]:
    """Yield what lies outside of the bounds, and terrain without heights."""
    within = [
        ("province.toml.centre", facts.centre.lon, facts.centre.lat),
        ("province.toml.example_place", facts.example_place.lon, facts.example_place.lat),
    ]
    for name in ("communes.csv", "zones.csv", "places.json"):
        for place, row in _places(name, lists[name]):
            if row["lon"] is not None and row["lat"] is not None:
                within.append((place, float(row["lon"]), float(row["lat"])))
    for place, lon, lat in within:
        if not facts.bounds.holds(lon, lat):
            yield Fault(place, "province.outside")
    if len(lists["spot_heights.csv"]) < _SPOTS_MIN:
        yield Fault("spot_heights.csv", "province.heights", {"least": _SPOTS_MIN})


def _of_names(lists: Mapping[str, list[Row]]) -> Iterator[Fault]:
    """Yield names given twice, and authorities that no province lacks."""
    for name, (_, key) in _LISTS.items():
        given = Counter(row[key] for row in lists[name]) if key else Counter()
        for value in (value for value, times in given.items() if times > 1):
            yield Fault(f"{name}.{key}", "province.twice", {"value": str(value)})
    for place, row in _places("operators.json", lists["operators.json"]):
        if row["code"].startswith(SIMULATED):
            yield Fault(f"{place}.code", "province.simulated", {"prefix": SIMULATED})
    codes = {row["code"] for row in lists["organisations.json"]}
    for code in (ROOT_CODE, OWNER_CODE):
        if code not in codes:
            yield Fault("organisations.json", "province.authority", {"code": code})


def _of_references(lists: Mapping[str, list[Row]]) -> Iterator[Fault]:
    """Yield fields that name what is not there."""
    for name, field, target in _REFERENCES:
        known = {None, *(row[_LISTS[target][1]] for row in lists[target])}
        for place, row in _places(name, lists[name]):
            if row[field] not in known:
                yield Fault(
                    f"{place}.{field}",
                    "province.reference",
                    {"name": str(row[field]), "file": target},
                )
    keys = {row["key"] for row in lists["documents.json"]}
    for place, row in _places("documents.json", lists["documents.json"]):
        for key in (key for _, key in row.get("links", []) if key not in keys):
            yield Fault(
                f"{place}.links", "province.reference", {"name": key, "file": "documents.json"}
            )
