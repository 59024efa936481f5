"""Stations whose position lies in another commune than their list says: a warning each."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from tram.rollout.inventory.exchange.faults import WARNING, RowFault
from tram.rollout.inventory.exchange.plan import Examination

__all__ = ("with_elsewhere",)


def with_elsewhere(
    found: Examination,
    communes: Sequence[tuple[str, ...]],
    names: Mapping[str, str],
    column: str,
) -> Examination:
    """Return the examination with its warnings.

    Args:
        found: What was read.
        communes: For each draft the communes whose borders hold its position.
        names: Names by code.
        column: Header of the commune's column.
    """
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
        for draft, within in zip(found.drafts, communes, strict=True)
        if within and draft.given.get("commune") and draft.given["commune"] not in within
    ]
    every = sorted([*found.faults, *faults], key=lambda fault: fault.row)
    return replace(found, faults=tuple(every))
