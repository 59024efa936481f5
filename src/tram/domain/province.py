"""A province as data: what differs from one province to the next, read from one folder of files."""

import csv
import io
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeVar

import msgspec

__all__ = (
    "Commune",
    "Extent",
    "LetterFacts",
    "Merger",
    "Place",
    "PlaceName",
    "Province",
    "ProvinceFacts",
    "ProvinceOrganisation",
    "ProvinceZone",
    "SpotHeight",
    "csv_rows",
    "facts_of",
)

T = TypeVar("T")
_NUMBERS = {"area_ha", "area_km2", "lon", "lat", "height_m"}


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A point in degrees WGS 84."""

    lon: float
    lat: float


class Extent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A box in degrees WGS 84."""

    west: float
    south: float
    east: float
    north: float

    def spans(self, lon: float) -> bool:
        """Return whether a longitude is one of the box's."""
        return self.west <= lon <= self.east

    @property
    def has_inside(self) -> bool:
        """Return whether west lies west of east, and south south of north."""
        return self.west < self.east and self.south < self.north

    @property
    def middle_lat(self) -> float:
        """The latitude half way between south and north."""
        return (self.south + self.north) / 2

    def holds(self, lon: float, lat: float) -> bool:
        """Return whether a point lies inside; infinity and NaN do not."""
        return self.spans(lon) and self.south <= lat <= self.north


class Commune(msgspec.Struct, frozen=True, kw_only=True):
    """A commune since 1 July 2025: official area in km², centre in degrees."""

    code: str
    name: str
    kind: str
    area_km2: float
    lon: float
    lat: float


class ProvinceOrganisation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An authority of ``organisations.json``, after the one that it is part of."""

    code: str
    parent: str | None
    kind: str
    name: str


class ProvinceZone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of ``zones.csv``; marks and qualities say how good a figure is."""

    id: str
    type: str
    name: str
    status: str
    area_ha: float | None
    area_mark: str
    area_source: str
    lon: float | None
    lat: float | None
    coord_mark: str
    coord_quality: str
    ward_2025: str


class PlaceName(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name on the map: a town, an island or a smaller place."""

    name: str
    kind: Literal["town", "isle", "place"]
    lon: float
    lat: float


class SpotHeight(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of ``spot_heights.csv``: metres above the sea, for synthetic terrain."""

    lon: float
    lat: float
    height_m: float
    name: str = ""


class Merger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The day of the province's merger, and by what a paper shows that it is of the whole."""

    on: date
    zones: tuple[str, ...]
    communes_before: int


class ProvinceFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``province.toml``: names, boxes and examples.

    Stations lie within ``bounds``; the map begins with ``view``; ``terrain`` is what terrain is
    made for unless told otherwise.
    """

    name: str
    full_name: str
    bounds: Extent
    view: Extent
    terrain: Extent
    centre: Place
    example_place: Place
    example_source: str
    merger: Merger | None = None


class LetterFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``letter.json``: who writes to whom, and the wording that an office starts from.

    ``answers`` is the key of the document that the letter answers, ``texts`` has every block.
    """

    answers: str
    agency_above: str
    agency: str
    number: str
    addressee: str
    subject: str
    recipients: list[str]
    signer: list[str]
    texts: dict[str, str]


class Province(ProvinceFacts, frozen=True, kw_only=True):
    """The province of an installation; ``files`` are the bytes of its folder by name."""

    letter: LetterFacts
    communes: tuple[Commune, ...]
    files: Mapping[str, bytes]

    @property
    def office(self) -> str:
        """Name the office that writes the letter, with its province."""
        return f"{self.letter.agency} {self.full_name}"

    def read(self, name: str, kind: type[T]) -> T:
        """Return a JSON file of the folder in its type."""
        return msgspec.json.decode(self.files[name], type=kind)

    def zones(self) -> list[ProvinceZone]:
        """Return the zones that the registry begins with."""
        return self._lines("zones.csv", ProvinceZone)

    def spot_heights(self) -> list[SpotHeight]:
        """Return the heights that synthetic terrain goes through."""
        return self._lines("spot_heights.csv", SpotHeight)

    def _lines(self, name: str, kind: type[T]) -> list[T]:
        return [msgspec.convert(row, kind, strict=False) for row in csv_rows(self.files[name])]


def facts_of(content: bytes) -> ProvinceFacts:
    """Return what ``province.toml`` says."""
    return msgspec.convert(tomllib.loads(content.decode()), ProvinceFacts)


def csv_rows(content: bytes) -> list[dict[str, str | None]]:
    """Return the lines of a CSV file by the names of its columns; an empty number is None."""
    lines = csv.DictReader(io.StringIO(content.decode()))
    return [
        {name: (value or None) if name in _NUMBERS else value for name, value in line.items()}
        for line in lines
    ]
