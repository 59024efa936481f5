"""Communes by code or name, as people write them after July 2025."""

import re
from collections.abc import Mapping

from tram.domain.text import fold
from tram.rollout.inventory.exchange.faults import CellError
from tram.rollout.inventory.exchange.sheet import Cell, shown

__all__ = ("CommuneNames",)

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


def _bare(text: str) -> str:
    return _KIND.sub("", fold(text).strip()).strip()
