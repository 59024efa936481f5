"""Near-duplicates: two codes for what is probably one station, found by distance."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tram.rollout.inventory.exchange.faults import RowFault
from tram.rollout.inventory.exchange.plan import StationDraft, Surroundings
from tram.rollout.inventory.stations.sites import Nearness

__all__ = ("NEAR_M", "near_faults")

NEAR_M = 25.0
"""An operator does not build the same technology twice within so many metres."""


def near_faults(
    drafts: Sequence[StationDraft], around: Surroundings, columns: Mapping[str, str]
) -> list[RowFault]:
    """Return a fault for each row whose station stands beside another of its kind.

    What is on the list already was kept once: only the new one of two is held.
    """
    grids: dict[tuple[int, str], Nearness] = defaultdict(lambda: Nearness(NEAR_M))
    mentioned = {draft.key for draft in drafts}
    known = set()
    for item in around.neighbours:
        known.add((item.operator, item.technology, item.code))
        if (item.operator, item.technology, item.code) not in mentioned:
            grids[item.operator, item.technology].add(item.lon, item.lat, item.code)
    faults = []
    for draft in sorted(drafts, key=lambda item: item.key not in known):
        lon, lat = draft.given["lon"], draft.given["lat"]
        grid = grids[draft.operator, draft.technology]
        near = grid.around(lon, lat)
        grid.add(lon, lat, draft.code)
        if near and draft.key not in known:
            distance, other = near[0]
            more = {"other": str(other), "distance": f"{distance:.0f}"}
            faults += [
                RowFault(
                    row=row,
                    column=columns.get("code", ""),
                    value=draft.code,
                    reason="near",
                    more=more,
                )
                for row in draft.rows
            ]
    return faults
