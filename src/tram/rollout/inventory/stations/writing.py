"""Station images into the tables, in bulk: one call, one transaction, every change kept."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.text import fold
from tram.registry.kernel.database import AnyRow, as_view, take_ids
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.geography.locator import Locator
from tram.rollout.inventory.stations.sites import Sites
from tram.rollout.inventory.stations.tables import (
    changes,
    sectors,
    states,
    station_zones,
    stations,
)
from tram.rollout.inventory.stations.views import Life, Sector, StationImage

__all__ = (
    "Author",
    "Key",
    "PlacementIndex",
    "StoredStation",
    "WriteCounts",
    "images_of",
    "put_images",
    "remove_stations",
)

_KEYS_AT_ONCE = 400
_OTHERWISE_KEPT = {"operator", "commune", "life", "sectors"}
_COLUMNS = [name for name in StationImage.__struct_fields__ if name not in _OTHERWISE_KEPT]
Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes stations, when, and by which import."""

    viewer: Viewer
    at_ms: int
    import_id: int | None = None


@dataclass(frozen=True, slots=True)
class PlacementIndex:
    """What stations are placed by: communes by code, zones by number, and the places so far."""

    communes: Locator
    zones: Locator
    sites: Sites


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """How many stations a call made, changed and found as they were."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def __add__(self, other: "WriteCounts") -> "WriteCounts":
        return WriteCounts(
            self.new + other.new, self.changed + other.changed, self.same + other.same
        )


class StoredStation(msgspec.Struct, frozen=True):
    """A station in the tables: its number, whether it was removed, and its image."""

    id: int
    removed: bool
    image: StationImage


async def images_of(
    connection: AsyncConnection, keys: Iterable[Key], *, lock: bool = False
) -> dict[Key, StoredStation]:
    """Return what stands under these keys, removed ones too."""
    wanted = set(keys)
    # By the whole key: an index answers it, however many stations the operator has.
    by_kind: dict[tuple[int, str], list[str]] = defaultdict(list)
    for operator, technology, code in wanted:
        by_kind[operator, technology].append(code)
    rows: list[Any] = []
    for (operator, technology), codes in by_kind.items():
        codes.sort()
        for start in range(0, len(codes), _KEYS_AT_ONCE):
            statement = select(stations).where(
                stations.c.operator_id == operator,
                stations.c.technology == technology,
                stations.c.code.in_(codes[start : start + _KEYS_AT_ONCE]),
            )
            if lock:
                statement = statement.with_for_update()
            rows += (await connection.execute(statement)).all()
    lives, parts = await _parts(connection, [row.id for row in rows])
    present = [
        StoredStation(r.id, r.removed_ms is not None, _image(r, lives, parts)) for r in rows
    ]
    return {item.image.key: item for item in present}


async def put_images(
    connection: AsyncConnection,
    author: Author,
    images: Sequence[StationImage],
    ground: PlacementIndex,
    there: Mapping[Key, StoredStation] | None = None,
) -> WriteCounts:
    """Make the stations be as the images say; what is so already is left alone.

    Args:
        connection: A write transaction.
        author: Who does it.
        images: At most one for each key.
        ground: The borders and places to put them in; places made are added.
        there: What stands under their keys, when the caller has read it in this transaction.
    """
    known = there if there is not None else await images_of(connection, [i.key for i in images])
    fresh = [image for image in images if image.key not in known]
    changed = [
        (known[image.key], image)
        for image in images
        if image.key in known and (known[image.key].removed or known[image.key].image != image)
    ]
    moving = [*fresh, *(image for _, image in changed)]
    located = _located(ground, moving)
    rows = [
        {**_values(image), "place_id": place, "commune": image.commune or located[image.key][0]}
        for image, place in zip(moving, await ground.sites.take(connection, moving), strict=True)
    ]
    numbers = await _insert(connection, rows[: len(fresh)])
    await _update(connection, [old.id for old, _ in changed], rows[len(fresh) :])
    await _clear_parts(connection, [old.id for old, _ in changed])
    touched = [*zip(numbers, fresh, strict=True), *((old.id, image) for old, image in changed)]
    await _insert_parts(connection, touched, located)
    before = [None] * len(fresh) + [None if old.removed else old.image for old, _ in changed]
    await _keep(
        connection,
        author,
        [(number, old, image) for (number, image), old in zip(touched, before, strict=True)],
    )
    return WriteCounts(len(fresh), len(changed), len(images) - len(fresh) - len(changed))


async def remove_stations(
    connection: AsyncConnection, author: Author, present: Sequence[StoredStation]
) -> None:
    """Take stations off the list; they stay on record."""
    for start in range(0, len(present), _KEYS_AT_ONCE):
        numbers = [item.id for item in present[start : start + _KEYS_AT_ONCE]]
        await connection.execute(
            update(stations).where(stations.c.id.in_(numbers)).values(removed_ms=author.at_ms)
        )
    await _keep(connection, author, [(item.id, item.image, None) for item in present])


async def _keep(
    connection: AsyncConnection,
    author: Author,
    kept: Sequence[tuple[int, StationImage | None, StationImage | None]],
) -> None:
    if kept:
        who = {
            "import_id": author.import_id,
            "at_ms": author.at_ms,
            "person_id": author.viewer.person,
            "person_name": author.viewer.name,
        }
        await connection.execute(
            insert(changes),
            [
                {
                    "station_id": number,
                    "before": msgspec.to_builtins(before),
                    "after": msgspec.to_builtins(after),
                    **who,
                }
                for number, before, after in kept
            ],
        )


def _located(
    ground: PlacementIndex, images: Sequence[StationImage]
) -> dict[Key, tuple[str, tuple[int, ...]]]:
    """Return commune and zones of each image's point."""
    lons, lats = [image.lon for image in images], [image.lat for image in images]
    communes, zones = ground.communes.keys_of(lons, lats), ground.zones.keys_of(lons, lats)
    return {
        image.key: (commune[0] if commune else "", tuple(int(key) for key in zone))
        for image, commune, zone in zip(images, communes, zones, strict=True)
    }


async def _insert(connection: AsyncConnection, rows: list[dict[str, Any]]) -> list[int]:
    if not rows:
        return []
    numbers = await take_ids(connection, stations, len(rows))
    made = [{"id": number, **row} for number, row in zip(numbers, rows, strict=True)]
    await connection.execute(insert(stations), made)
    return numbers


async def _update(
    connection: AsyncConnection, numbers: Sequence[int], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Give stations their new values; those that were off the list are on it again."""
    if rows:
        await connection.execute(
            update(stations).where(stations.c.id == bindparam("number")),
            [
                {"number": number, **row, "removed_ms": None}
                for number, row in zip(numbers, rows, strict=True)
            ],
        )


def _values(image: StationImage) -> dict[str, Any]:
    last = image.life[-1]
    return {
        "operator_id": image.operator,
        "state": last.state,
        "state_since": last.since,
        "commune_given": image.commune,
        "folded": fold(f"{image.name} {image.code} {image.address} {image.address_before}"),
        **{name: getattr(image, name) for name in _COLUMNS},
    }


async def _clear_parts(connection: AsyncConnection, numbers: Sequence[int]) -> None:
    for start in range(0, len(numbers), _KEYS_AT_ONCE):
        some = numbers[start : start + _KEYS_AT_ONCE]
        for table in (states, sectors, station_zones):
            await connection.execute(delete(table).where(table.c.station_id.in_(some)))


async def _insert_parts(
    connection: AsyncConnection,
    touched: Sequence[tuple[int, StationImage]],
    located: Mapping[Key, tuple[str, tuple[int, ...]]],
) -> None:
    lives = [
        {"station_id": number, "since": life.since, "state": life.state}
        for number, image in touched
        for life in image.life
    ]
    parts = [
        {"station_id": number, **msgspec.structs.asdict(sector)}
        for number, image in touched
        for sector in image.sectors
    ]
    within = [
        {"station_id": number, "zone_id": zone}
        for number, image in touched
        for zone in located[image.key][1]
    ]
    for table, rows in ((states, lives), (sectors, parts), (station_zones, within)):
        if rows:
            await connection.execute(insert(table), rows)


async def _parts(
    connection: AsyncConnection, numbers: Sequence[int]
) -> tuple[dict[int, list[Life]], dict[int, list[Sector]]]:
    lives: dict[int, list[Life]] = defaultdict(list)
    parts: dict[int, list[Sector]] = defaultdict(list)
    for start in range(0, len(numbers), _KEYS_AT_ONCE):
        some = numbers[start : start + _KEYS_AT_ONCE]
        by_day = select(states).where(states.c.station_id.in_(some)).order_by(states.c.since)
        for row in await connection.execute(by_day):
            lives[row.station_id].append(Life(row.since, row.state))
        by_code = select(sectors).where(sectors.c.station_id.in_(some)).order_by(sectors.c.code)
        for row in await connection.execute(by_code):
            parts[row.station_id].append(as_view(Sector, row))
    return lives, parts


def _image(
    row: AnyRow, lives: Mapping[int, list[Life]], parts: Mapping[int, list[Sector]]
) -> StationImage:
    return as_view(
        StationImage,
        row,
        operator=row.operator_id,
        commune=row.commune_given,
        life=tuple(lives[row.id]),
        sectors=tuple(parts[row.id]),
    )
