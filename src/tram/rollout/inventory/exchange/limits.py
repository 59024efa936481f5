"""What a file of a person may hold; what is over a limit is refused before it is loaded.

The sentences of ``limits.*`` say the limits in full, as each language writes numbers.
"""

from tram.runtime.errors import Fault, Refused
from tram.runtime.messages import Param

__all__ = (
    "CELLS_MAX",
    "CELL_CHARACTERS_MAX",
    "COLUMNS_MAX",
    "FILE_BYTES_MAX",
    "HEADER_CHARACTERS_MAX",
    "LAYERS_MAX",
    "PARTS_MAX",
    "ROWS_MAX",
    "ROW_CELLS_MAX",
    "SHAPE_BYTES_MAX",
    "SHEETS_MAX",
    "STRINGS_CHARACTERS_MAX",
    "STRINGS_MAX",
    "UNPACKED_BYTES_MAX",
    "VERTICES_MAX",
    "too_large",
    "unreadable",
)

FILE_BYTES_MAX = 64 * 1024 * 1024
ROWS_MAX = 100_000
COLUMNS_MAX = 200
"""Columns with a header; cells beyond the last header are a fault of their row."""
ROW_CELLS_MAX = 1_000
CELLS_MAX = 3_000_000
"""Cells of a table, empty ones before the last of a row included."""
CELL_CHARACTERS_MAX = 1_000_000
"""A border as text (WKT) is the longest that comes."""
HEADER_CHARACTERS_MAX = 200
"""Longer headers are cut."""
STRINGS_MAX = 1_000_000
STRINGS_CHARACTERS_MAX = 64_000_000
"""The shared strings of a workbook, in all."""
UNPACKED_BYTES_MAX = 512 * 1024 * 1024
"""What a workbook may unpack to: a small file can hold a very large one."""
PARTS_MAX = 2_000
SHEETS_MAX = 200
LAYERS_MAX = 200
SHAPE_BYTES_MAX = 16 * 1024 * 1024
"""One shape or value of a GeoPackage."""
VERTICES_MAX = 1_000_000
"""Points of all shapes of a file."""


def too_large(what: str) -> Refused:
    """Return the refusal of a file that is over a limit: one of the codes ``limits.*``."""
    return Refused("import.too_large", Fault("file", f"limits.{what}"))


def unreadable(code: str, **params: Param) -> Refused:
    """Return the refusal of a file that is not what it should be: one of the codes ``file.*``."""
    return Refused("import.unreadable", Fault("file", code, params))
