"""Reference data brought into the database: what the product ships, without touching what is there."""

from importlib import resources
from typing import Any

import msgspec
from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId
from tram.domain.province import Province, ProvinceOrganisation
from tram.domain.text import fold
from tram.registry.kernel.authorities import ROOT_CODE
from tram.registry.kernel.outbox import org_puts, publish
from tram.registry.kernel.tables import org_closure, organisations, profiles, roles, zones
from tram.registry.kernel.viewer import system_viewer
from tram.registry.kernel.views import NewOrganisation
from tram.registry.organisations.organisations import add_organisation

__all__ = ("lacks_reference", "seed_organisations", "seed_reference")


async def lacks_reference(connection: AsyncConnection, province: Province) -> bool:
    """Return whether any shipped zone, role or profile is missing."""
    return any([await _missing(connection, *source) for source in _sources(province)])


async def seed_reference(connection: AsyncConnection, province: Province) -> None:
    """Add the shipped zones, roles and profiles that are missing; change none that is there."""
    for table, key, rows in _sources(province):
        missing = await _missing(connection, table, key, rows)
        if missing:
            await connection.execute(insert(table), missing)


async def seed_organisations(
    connection: AsyncConnection, now_ms: int, province: Province
) -> OrgId:
    """Add the province and its departments where missing; return the province."""
    ids: dict[str, OrgId] = {}
    made: list[OrgId] = []
    for item in province.read("organisations.json", list[ProvinceOrganisation]):
        known = select(organisations.c.id).where(organisations.c.code == item.code)
        found = (await connection.execute(known)).scalar_one_or_none()
        if found is None:
            parent = ids[item.parent] if item.parent else None
            new = NewOrganisation(
                parent=parent or OrgId(0), kind=item.kind, name=item.name, code=item.code
            )
            actor = system_viewer(parent) if parent else None
            found = await add_organisation(connection, actor, now_ms, new, parent)
            made.append(found)
        ids[item.code] = OrgId(found)
    if made:
        chosen = org_closure.c.descendant.in_(made)
        await publish(connection, await org_puts(connection, chosen))
    return ids[ROOT_CODE]


async def _missing(
    connection: AsyncConnection, table: Table, key: str, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    there = set((await connection.execute(select(table.c[key]))).scalars())
    return [row for row in rows if row[key] not in there]


def _sources(province: Province) -> list[tuple[Table, str, list[dict[str, Any]]]]:
    """Return table, unique column and shipped rows."""
    return [
        (zones, "code", _zones(province)),
        (roles, "name", _read("roles.json")),
        (profiles, "key", _read("profiles.json")),
    ]


def _zones(province: Province) -> list[dict[str, Any]]:
    return [
        {
            "code": zone.id,
            "kind": zone.type,
            "name": zone.name,
            "folded": fold(zone.name),
            "status": zone.status,
            "area_ha": zone.area_ha,
            "area_mark": zone.area_mark,
            "area_source": zone.area_source,
            "lon": zone.lon,
            "lat": zone.lat,
            "coord_mark": zone.coord_mark,
            "coord_quality": zone.coord_quality,
            "commune": zone.ward_2025,
        }
        for zone in province.zones()
    ]


def _read(name: str) -> list[dict[str, Any]]:
    content = resources.files("tram.registry.seed").joinpath(name).read_bytes()
    return msgspec.json.decode(content, type=list[dict[str, Any]])
