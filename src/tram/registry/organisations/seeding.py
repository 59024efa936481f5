"""Reference data brought into the database: what the product ships, without touching what is there."""

import csv
import io
from importlib import resources
from typing import Any

import msgspec
from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId
from tram.domain.text import fold
from tram.registry.kernel.outbox import org_puts, publish
from tram.registry.kernel.tables import org_closure, organisations, profiles, roles, zones
from tram.registry.kernel.viewer import system_viewer
from tram.registry.kernel.views import NewOrganisation
from tram.registry.organisations.organisations import add_organisation

__all__ = ("lacks_reference", "seed_organisations", "seed_reference")

ROOT_CODE = "UBND"


async def lacks_reference(connection: AsyncConnection) -> bool:
    """Return whether any shipped zone, role or profile is missing."""
    return any([await _missing(connection, *source) for source in _sources()])


async def seed_reference(connection: AsyncConnection) -> None:
    """Add the shipped zones, roles and profiles that are missing; change none that is there."""
    for table, key, rows in _sources():
        missing = await _missing(connection, table, key, rows)
        if missing:
            await connection.execute(insert(table), missing)


async def seed_organisations(connection: AsyncConnection, now_ms: int) -> OrgId:
    """Add the province and its departments where missing; return the province."""
    ids: dict[str, OrgId] = {}
    made: list[OrgId] = []
    for item in _read_json("organisations.json"):
        known = select(organisations.c.id).where(organisations.c.code == item["code"])
        found = (await connection.execute(known)).scalar_one_or_none()
        if found is None:
            parent = ids[item["parent"]] if item["parent"] else None
            new = NewOrganisation(
                parent=parent or OrgId(0), kind=item["kind"], name=item["name"], code=item["code"]
            )
            actor = system_viewer(parent) if parent else None
            found = await add_organisation(connection, actor, now_ms, new, parent)
            made.append(found)
        ids[item["code"]] = OrgId(found)
    if made:
        chosen = org_closure.c.descendant.in_(made)
        await publish(connection, await org_puts(connection, chosen))
    return ids[ROOT_CODE]


async def _missing(
    connection: AsyncConnection, table: Table, key: str, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    there = set((await connection.execute(select(table.c[key]))).scalars())
    return [row for row in rows if row[key] not in there]


def _sources() -> list[tuple[Table, str, list[dict[str, Any]]]]:
    """Return table, unique column and shipped rows."""
    return [
        (zones, "code", _zones()),
        (roles, "name", _read_json("roles.json")),
        (profiles, "key", _read_json("profiles.json")),
    ]


def _zones() -> list[dict[str, Any]]:
    return [
        {
            "code": row["id"],
            "kind": row["type"],
            "name": row["name"],
            "folded": fold(row["name"]),
            "status": row["status"],
            "area_ha": _number(row["area_ha"]),
            "area_mark": row["area_mark"],
            "area_source": row["area_source"],
            "lon": _number(row["lon"]),
            "lat": _number(row["lat"]),
            "coord_mark": row["coord_mark"],
            "coord_quality": row["coord_quality"],
            "commune": row["ward_2025"],
        }
        for row in csv.DictReader(io.StringIO(_read("zones.csv")))
    ]


def _number(text: str) -> float | None:
    return float(text) if text else None


def _read_json(name: str) -> list[dict[str, Any]]:
    return msgspec.json.decode(_read(name), type=list[dict[str, Any]])


def _read(name: str) -> str:
    return resources.files("tram.registry.seed").joinpath(name).read_text(encoding="utf-8")
