"""A letter as it was printed, slips included: what the rules were made from.

Its personal data was never copied; words in brackets stand in their place. Head and number are
empty because the extract has none.
"""

from tram.domain.province import Province
from tram.report.letter.content import Letter
from tram.runtime.errors import Refused

__all__ = ("printed_letter",)

_FILE = "printed_letter.json"


def printed_letter(province: Province) -> Letter:
    """Return the printed letter of a province.

    Raises:
        Refused: ``letter.no_original`` where the province has none.
    """
    if _FILE not in province.files:
        raise Refused(
            "letter.no_original",
            f"There is no printed letter of {province.name}.",
            "Examine the draft, without --original.",
        )
    return province.read(_FILE, Letter)
