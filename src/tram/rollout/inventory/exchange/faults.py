"""What can be wrong with a row: the reason, by its code ``row.*``, and the values that belong to it."""

import msgspec

from tram.runtime.i18n import catalog_of
from tram.runtime.messages import HINTS, SENTENCES

__all__ = ("ERROR", "WARNING", "CellError", "DryRunFaults", "RowFault", "fault_text")

ERROR = "error"
WARNING = "warning"


class RowFault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong in a row; ``row`` counts as the spreadsheet does, its header included.

    An error keeps the row out; a warning does not. ``column`` is empty for the row as a whole.
    """

    row: int
    column: str
    value: str
    reason: str
    grade: str = ERROR
    more: dict[str, str] = {}


class DryRunFaults(msgspec.Struct, frozen=True):
    """The faults of the last dry run, with the cells of the rows that they are about."""

    faults: list[RowFault]
    rows: dict[int, list[str]]


class CellError(Exception):
    """A cell that cannot be read; the examination turns it into the fault of its row."""

    def __init__(self, reason: str, **more: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.more = more


_DECIMALS = ("lon", "lat", "least", "most")


def fault_text(fault: RowFault, locale: str) -> tuple[str, str]:
    """Return sentence and remedy in a language, ``vi`` or ``en``."""
    catalog, code, more = catalog_of(locale), f"row.{fault.reason}", fault.more
    if locale == "vi":
        more = {
            name: value.replace(".", ",") if name in _DECIMALS else value
            for name, value in more.items()
        }
    return catalog.gettext(SENTENCES[code]) % more, catalog.gettext(HINTS[code]) % more
