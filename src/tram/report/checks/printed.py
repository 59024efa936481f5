"""The letter of 30/7/2025 as it was printed, slips included: what the rules were made from.

Its personal data was never copied; words in brackets stand in their place. Head and number are
empty because the extract has none.
"""

from datetime import date
from pathlib import Path

import msgspec

from tram.report.letter.content import Letter

__all__ = ("PRINTED_ON", "printed_letter")

PRINTED_ON = date(2025, 7, 30)
_FILE = Path(__file__).parent / "printed_2025_07.json"


def printed_letter() -> Letter:
    """Return the printed letter."""
    return msgspec.json.decode(_FILE.read_bytes(), type=Letter)
