"""Places that stations share: found by the mast's code, else by distance, else made."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.kernel.database import take_ids
from tram.rollout.inventory.stations.tables import places
from tram.rollout.inventory.stations.views import StationImage

__all__ = ("SAME_PLACE_M", "Nearness", "Sites")

SAME_PLACE_M = 25.0
"""Stations no farther apart stand on one mast or roof, unless their lists name different masts."""

METRES_PER_DEGREE = 111_195.08


class Nearness:
    """Points with keys in a grid of cells as wide as the distance that is asked for.

    Exact enough for metres: the earth is flat over one cell.
    """

    def __init__(self, reach_m: float) -> None:
        self._reach_m = reach_m
        self._cells: dict[tuple[int, int], list[tuple[float, float, Any]]] = defaultdict(list)

    def add(self, lon: float, lat: float, key: object) -> None:
        """Add a point."""
        self._cells[self._cell(lon, lat)].append((lon, lat, key))

    def around(self, lon: float, lat: float) -> list[tuple[float, Any]]:
        """Return distance in metres and key of every point within reach, nearest first."""
        column, line = self._cell(lon, lat)
        # Columns are cut at the equator's width: farther north more of them are within reach.
        wide = math.ceil(1 / math.cos(math.radians(lat)))
        near = [
            (apart_m((lon, lat), (x, y)), key)
            for i in range(column - wide, column + wide + 1)
            for j in range(line - 1, line + 2)
            for x, y, key in self._cells.get((i, j), ())
        ]
        return sorted(
            (item for item in near if item[0] <= self._reach_m), key=lambda item: item[0]
        )

    def _cell(self, lon: float, lat: float) -> tuple[int, int]:
        scale = METRES_PER_DEGREE / self._reach_m
        return math.floor(lon * scale), math.floor(lat * scale)


def apart_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two near points (lon, lat in degrees) in metres."""
    across = (one[0] - other[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    return math.hypot(across, one[1] - other[1]) * METRES_PER_DEGREE


class Sites:
    """All places, kept in mind while many stations are put in."""

    def __init__(self) -> None:
        self._by_code: dict[str, int] = {}
        self._codes: dict[int, str] = {}
        self._near = Nearness(SAME_PLACE_M)
        self._made = Nearness(SAME_PLACE_M)
        self._coming: dict[int, tuple[float, float]] = {}

    @classmethod
    async def load(cls, connection: AsyncConnection) -> "Sites":
        """Read every place."""
        sites = cls()
        columns = (places.c.id, places.c.code, places.c.lon, places.c.lat)
        for row in await connection.execute(select(*columns).order_by(places.c.id)):
            sites._know(row.id, row.code, row.lon, row.lat)
        return sites

    async def take(self, connection: AsyncConnection, images: Sequence[StationImage]) -> list[int]:
        """Return the place of each image; those that are missing are made."""
        fresh: list[StationImage] = []
        named: dict[int, StationImage] = {}
        # A negative number stands for a place that is about to be made.
        numbers = []
        for image in images:
            number = self._find(image)
            if number is None:
                fresh.append(image)
                number = -len(fresh)
                self._know(number, image.mast_code, image.lon, image.lat)
            elif image.mast_code and not self._codes.get(number):
                self._name(number, image)
                if number < 0:
                    fresh[-number - 1] = image
                else:
                    named[number] = image
            numbers.append(number)
        await _rename(connection, named)
        made = await _insert(connection, fresh)
        self._settle(made)
        return [number if number > 0 else made[-number - 1] for number in numbers]

    def _find(self, image: StationImage) -> int | None:
        if image.mast_code:
            named = self._by_code.get(image.mast_code)
            if named is not None:
                return named
        near = self._near.around(image.lon, image.lat)
        for _, number in near + self._made.around(image.lon, image.lat):
            if not image.mast_code or not self._codes.get(number):
                return int(number)
        return None

    def _name(self, number: int, image: StationImage) -> None:
        """Give a place that was found by distance the name that a list knows it by."""
        self._codes[number] = image.mast_code
        self._by_code[image.mast_code] = number

    def _know(self, number: int, code: str, lon: float, lat: float) -> None:
        self._codes[number] = code
        if code:
            self._by_code[code] = number
        if number > 0:
            self._near.add(lon, lat, number)
        else:
            self._made.add(lon, lat, number)
            self._coming[number] = (lon, lat)

    def _settle(self, made: Sequence[int]) -> None:
        """Put the numbers that the database gave in the place of the negative ones."""
        for at, number in enumerate(made, start=1):
            code = self._codes.pop(-at)
            self._codes[number] = code
            if code:
                self._by_code[code] = number
            lon, lat = self._coming.pop(-at)
            self._near.add(lon, lat, number)
        self._made = Nearness(SAME_PLACE_M)


_NAMES = ("code", "name", "owner", "kind", "height_m")


def _values(image: StationImage) -> dict[str, Any]:
    return {
        "code": image.mast_code,
        "name": image.mast_name,
        "owner": image.mast_owner,
        "kind": image.mast_kind,
        "height_m": image.mast_height_m,
        "lon": image.lon,
        "lat": image.lat,
        "synthetic": image.synthetic,
    }


async def _rename(connection: AsyncConnection, named: Mapping[int, StationImage]) -> None:
    if named:
        await connection.execute(
            update(places).where(places.c.id == bindparam("number")),
            [
                {"number": number} | {name: _values(image)[name] for name in _NAMES}
                for number, image in named.items()
            ],
        )


async def _insert(connection: AsyncConnection, fresh: Sequence[StationImage]) -> list[int]:
    if not fresh:
        return []
    numbers = await take_ids(connection, places, len(fresh))
    rows = [{"id": number, **_values(image)} for number, image in zip(numbers, fresh, strict=True)]
    await connection.execute(insert(places), rows)
    return numbers
