"""Communes by code: those of imported borders, else those of the shipped list."""

import csv
import io
from functools import cache
from importlib import resources

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.rollout.inventory.geography.tables import features

__all__ = ("Commune", "commune_names", "shipped_communes")


class Commune(msgspec.Struct, frozen=True, kw_only=True):
    """A commune since 1 July 2025: official area in km², centre in degrees."""

    code: str
    name: str
    kind: str
    area_km2: float
    lon: float
    lat: float


@cache
def shipped_communes() -> tuple[Commune, ...]:
    """Return the 96 communes that the product ships, by code."""
    text = resources.files("tram.rollout.inventory.seed").joinpath("communes.csv")
    rows = csv.DictReader(io.StringIO(text.read_text(encoding="utf-8")))
    return tuple(msgspec.convert(row, Commune, strict=False) for row in rows)


async def commune_names(connection: AsyncConnection) -> dict[str, str]:
    """Return names by code."""
    found = await connection.execute(
        select(features.c.code, features.c.name).where(features.c.layer == "commune")
    )
    borders = {row.code: row.name for row in found}
    return borders or {commune.code: commune.name for commune in shipped_communes()}
