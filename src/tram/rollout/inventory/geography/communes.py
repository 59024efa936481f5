"""Communes by code: those of imported borders, else those of the province's list."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.province import Commune
from tram.rollout.inventory.geography.tables import features

__all__ = ("commune_names",)


async def commune_names(
    connection: AsyncConnection, communes: Sequence[Commune]
) -> dict[str, str]:
    """Return names by code."""
    found = await connection.execute(
        select(features.c.code, features.c.name).where(features.c.layer == "commune")
    )
    borders = {row.code: row.name for row in found}
    return borders or {commune.code: commune.name for commune in communes}
