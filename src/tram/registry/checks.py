"""Checks of what people type in: every fault is collected, with its field."""

from tram.domain.text import UnfitSign, fold, line_break, normal, normal_lines, unfit_sign
from tram.runtime.errors import Fault, Refused

__all__ = ("Checked", "search_words")

SEARCH_WORDS_MAX = 8
SEARCH_CHARACTERS_MAX = 200


class Checked:
    """Collects the faults of one input, then refuses once with all of them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def text(self, field: str, value: str, longest: int, shortest: int = 1) -> str:
        """Return a name, code or address in normal form: one line of signs that can be seen."""
        bare = value.strip()
        value = normal(bare)
        self.length(field, value, longest, shortest)
        self._fit(field, value, longest, line_break(bare) or unfit_sign(value))
        return value

    def prose(self, field: str, value: str, longest: int, shortest: int = 1) -> str:
        """Return one paragraph in normal form; line breaks become blanks."""
        value = normal(normal_lines(value))
        self.length(field, value, longest, shortest)
        self._fit(field, value, longest, unfit_sign(value))
        return value

    def lines(self, field: str, value: str, longest: int, shortest: int = 1) -> str:
        """Return a note, reason or answer in normal form; it may have several lines."""
        value = normal_lines(value)
        self.length(field, value, longest, shortest)
        self._fit(field, value, longest, unfit_sign(value, "\n"))
        return value

    def length(self, field: str, value: str, longest: int, shortest: int = 1) -> None:
        """Note a text that is too short or too long."""
        if not shortest <= len(value) <= longest:
            self.faults.append(Fault(field, f"Needs {shortest} to {longest} characters."))

    def _fit(self, field: str, value: str, longest: int, unfit: UnfitSign | None) -> None:
        """Note a sign that cannot be seen, turns the direction of reading, or piles up."""
        if unfit is not None and len(value) <= longest:
            sentence = f"Holds {unfit.name} at place {unfit.place}, which cannot be shown here."
            self.faults.append(Fault(field, sentence, "Take this sign away."))

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
