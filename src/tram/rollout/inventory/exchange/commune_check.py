"""Stations whose position lies in another commune than their list says: a warning each."""

from collections.abc import Mapping, Sequence

import shapely
from msgspec.structs import replace

from tram.rollout.inventory.exchange.faults import WARNING, RowFault
from tram.rollout.inventory.exchange.plan import Examination
from tram.rollout.inventory.geography.locator import LocatedArea, Locator

__all__ = ("with_elsewhere",)


def with_elsewhere(
    found: Examination,
    borders: Sequence[tuple[str, str]],
    names: Mapping[str, str],
    column: str,
) -> Examination:
    """Return the examination with its warnings.

    Args:
        found: What was read.
        borders: The communes' codes with their borders as GeoJSON.
        names: Names by code.
        column: Header of the commune's column.
    """
    communes = Locator(
        [LocatedArea(code, shapely.from_geojson(border)) for code, border in borders]
    )
    held = communes.keys_of(
        [draft.given["lon"] for draft in found.drafts],
        [draft.given["lat"] for draft in found.drafts],
    )
    faults = [
        RowFault(
            row=draft.rows[0],
            column=column,
            value=names.get(draft.given["commune"], draft.given["commune"]),
            reason="commune-elsewhere",
            grade=WARNING,
            more={
                "given": names.get(draft.given["commune"], draft.given["commune"]),
                "found": ", ".join(names.get(code, code) for code in within),
            },
        )
        for draft, within in zip(found.drafts, held, strict=True)
        if within and draft.given.get("commune") and draft.given["commune"] not in within
    ]
    every = sorted([*found.faults, *faults], key=lambda fault: fault.row)
    return replace(found, faults=tuple(every))
