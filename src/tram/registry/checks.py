"""Checks of what people type in: every fault is collected, with its field."""

from tram.domain.text import fold, normal
from tram.runtime.errors import Fault, Refused

__all__ = ("Checked", "search_words")

SEARCH_WORDS_MAX = 8
SEARCH_CHARACTERS_MAX = 200


class Checked:
    """Collects the faults of one input, then refuses once with all of them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def text(self, field: str, value: str, longest: int, shortest: int = 1) -> str:
        """Return the text in normal form; note it when too short, too long or unprintable."""
        value = normal(value)
        if not shortest <= len(value) <= longest:
            self.faults.append(Fault(field, f"Needs {shortest} to {longest} characters."))
        elif not value.isprintable():
            self.faults.append(Fault(field, "Holds characters that cannot be shown."))
        return value

    def choice(self, field: str, value: str, choices: tuple[str, ...]) -> None:
        """Note a value that is none of the choices."""
        if value not in choices:
            self.faults.append(Fault(field, f"Must be one of {', '.join(choices)}."))

    def position(self, lon: float | None, lat: float | None) -> None:
        """Note a position that is not on earth, or only half of one (degrees)."""
        if (lon is None) != (lat is None):
            self.faults.append(Fault("lon", "Give both longitude and latitude, or neither."))
        # Written so that NaN fails too.
        if lon is not None and not -180 <= lon <= 180:  # noqa: PLR2004  # degrees of the globe
            self.faults.append(Fault("lon", "Must lie between -180 and 180 degrees."))
        if lat is not None and not -90 <= lat <= 90:  # noqa: PLR2004  # degrees of the globe
            self.faults.append(Fault("lat", "Must lie between -90 and 90 degrees."))

    def unless(self, condition: object, field: str, sentence: str) -> None:
        """Note a fault unless the condition holds."""
        if not condition:
            self.faults.append(Fault(field, sentence))

    def done(self, refusal: Refused) -> None:
        """Raise the refusal with all faults, if there are any."""
        if self.faults:
            refusal.faults = tuple(self.faults)
            raise refusal


def search_words(search: str) -> list[str]:
    """Return the folded words to look for; at most eight, without unprintable characters."""
    folded = fold(search[:SEARCH_CHARACTERS_MAX])
    printable = "".join(c for c in folded if c.isprintable())
    return printable.split()[:SEARCH_WORDS_MAX]
