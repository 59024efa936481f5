"""Communes of a list: found by code or name, and held against where the stations stand."""

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from tram.domain.text import fold
from tram.rollout.inventory.exchange.faults import WARNING, CellError, RowFault
from tram.rollout.inventory.exchange.plan import Examination
from tram.rollout.inventory.exchange.sheet import Cell, shown
from tram.rollout.inventory.geography.locator import commune_locator

__all__ = ("CommuneNames", "with_elsewhere")

_KIND = re.compile(r"^(xa|phuong|dac khu|p\.|x\.)\s*")


class CommuneNames:
    """Finds a commune's code; with no communes known, every code of digits is taken as it is."""

    def __init__(self, communes: Mapping[str, str]) -> None:
        self._codes = set(communes)
        self._by_name: dict[str, set[str]] = {}
        for code, name in communes.items():
            for text in {fold(name).strip(), _bare(name)}:
                self._by_name.setdefault(text, set()).add(code)

    def code_of(self, cell: Cell) -> str:
        """Return the code of a commune; CellError when no commune is meant, or more than one."""
        text = shown(cell).strip()
        if text in self._codes or (not self._codes and text.isdigit()):
            return text
        for name in (fold(text).strip(), _bare(text)):
            found = self._by_name.get(name, set())
            if len(found) == 1:
                return next(iter(found))
        raise CellError("commune")


def with_elsewhere(
    found: Examination,
    borders: Sequence[tuple[str, str]],
    names: Mapping[str, str],
    column: str,
) -> Examination:
    """Return the examination with a warning for each station that stands in another commune.

    Args:
        found: What was read.
        borders: The communes' codes with their borders as GeoJSON.
        names: Names by code.
        column: Header of the commune's column.
    """
    held = commune_locator(borders).keys_of(
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


def _bare(text: str) -> str:
    return _KIND.sub("", fold(text).strip()).strip()
