"""What a file of a person may hold; what is over a limit is refused before it is loaded.

Sentences say the limits in full, so that pages can show them in both languages.
"""

from tram.runtime.errors import Refused

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
    "TOO_LARGE",
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

TOO_LARGE = {
    "bytes": "The file is larger than 64 MB.",
    "rows": "The table has more than 100,000 rows.",
    "columns": "The table has more than 200 columns.",
    "row": "A row has more than 1,000 cells, or a cell beyond column ALL.",
    "cells": "The table has more than 3,000,000 cells.",
    "cell": "A cell has more than 1,000,000 characters.",
    "strings": "The workbook has more than 1,000,000 texts, or 64,000,000 characters in them.",
    "unpacked": "The workbook unpacks to more than 512 MB.",
    "parts": "The workbook has more than 2,000 parts or 200 sheets.",
    "layers": "The file has more than 200 layers.",
    "shape": "A shape or value is larger than 16 MB.",
    "vertices": "The shapes have more than 1,000,000 points.",
}
"""What is said of each limit; pages have the same in Vietnamese."""


def too_large(what: str) -> Refused:
    """Return the refusal of a file that is over a limit of ``TOO_LARGE``."""
    return Refused(
        "import.too_large", TOO_LARGE[what], "Split it, or take out what is not needed."
    )


def unreadable(sentence: str, hint: str = "Send CSV, XLSX, GeoJSON or GeoPackage.") -> Refused:
    """Return the refusal of a file that is not what it should be."""
    return Refused("import.unreadable", sentence, hint)
