"""Checks of what people type in: every fault is collected, with its field."""

import re
from collections.abc import Iterator
from datetime import date

import msgspec

from tram.domain.bounds import is_day, is_moment_ms
from tram.domain.destinations import AddressError, mail_address, web_address
from tram.domain.text import UnfitSign, fold, line_break, normal, normal_lines, unfit_sign
from tram.runtime.errors import Fault, Refused
from tram.runtime.messages import Param

__all__ = ("Checked", "days_in", "search_words")

SEARCH_WORDS_MAX = 8
SEARCH_CHARACTERS_MAX = 200

_BOUND = re.compile(r"(<=|>=|<|>) (-?[0-9.]+)")
_INSIDE = re.compile(r" - at `\$(.*)`$")
_ROOT = re.compile(r"[.\[]")
_SIGNS = {"<=": "≤", ">=": "≥"}


class Checked:
    """Collects the faults of one input, then refuses once with all of them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._beyond: list[Fault] = []

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
            self.faults.append(Fault(field, "text.length", {"least": shortest, "most": longest}))

    def _fit(self, field: str, value: str, longest: int, unfit: UnfitSign | None) -> None:
        """Note a sign that cannot be seen, turns the direction of reading, or piles up."""
        if unfit is not None and len(value) <= longest:
            params: dict[str, Param] = {"sign": unfit.name, "place": unfit.place}
            self.faults.append(Fault(field, "sign.unfit", params))

    def bounded(self, form: msgspec.Struct) -> None:
        """Note every field that does not fit its own type, and every day beyond what is kept.

        The interface decodes into these types and so refuses the same; pages, imports and commands
        build a form by themselves.
        """
        for field in msgspec.structs.fields(form):
            value = msgspec.to_builtins(getattr(form, field.name), builtin_types=(date,))
            try:
                msgspec.convert(value, field.type)
            except msgspec.ValidationError as error:
                self._beyond.append(_fault_of(field.name, str(error)))
            if any(not is_day(day) for day in days_in(value)):
                self._beyond.append(Fault(field.name, "day.beyond"))

    def is_bounded(self, field: str) -> bool:
        """Tell whether ``bounded`` found nothing wrong with a field."""
        return all(_root(fault) != field for fault in self._beyond)

    def mail(self, field: str, value: str) -> str:
        """Return a mail address as letters name it; note one that no letter can name."""
        try:
            return mail_address(value.strip())
        except AddressError as error:
            self.faults.append(Fault(field, error.code, error.params))
            return ""

    def web(self, field: str, value: str) -> str:
        """Return a web address as it was typed; note one that cannot be called."""
        try:
            web_address(value.strip())
        except AddressError as error:
            self.faults.append(Fault(field, error.code, error.params))
        return value.strip()

    def day(self, field: str, value: date | None) -> None:
        """Note a day that lies beyond what is kept; None is no day."""
        if value is not None:
            self.unless(is_day(value), field, "day.beyond")

    def moment(self, field: str, value: int | None) -> None:
        """Note a time that lies beyond what is kept (epoch milliseconds); None is no time."""
        if value is not None:
            self.unless(is_moment_ms(value), field, "moment.beyond")

    def choice(self, field: str, value: str, choices: tuple[str, ...]) -> None:
        """Note a value that is none of the choices."""
        if value not in choices:
            self.faults.append(Fault(field, "choice.unknown", {"choices": ", ".join(choices)}))

    def position(self, lon: float | None, lat: float | None) -> None:
        """Note a position that is not on earth, or only half of one (degrees)."""
        if (lon is None) != (lat is None):
            self.faults.append(Fault("lon", "position.half"))
        # Written so that NaN fails too.
        if lon is not None and not -180 <= lon <= 180:  # noqa: PLR2004  # degrees of the globe
            self.faults.append(Fault("lon", "longitude.range"))
        if lat is not None and not -90 <= lat <= 90:  # noqa: PLR2004  # degrees of the globe
            self.faults.append(Fault("lat", "latitude.range"))

    def unless(self, condition: object, field: str, code: str, **params: Param) -> None:
        """Note a fault unless the condition holds."""
        if not condition:
            self.faults.append(Fault(field, code, params))

    def done(self, refusal: Refused) -> None:
        """Raise the refusal with all faults, if there are any."""
        named = {_root(fault) for fault in self.faults}  # in words of its own
        faults = [*self.faults, *(one for one in self._beyond if _root(one) not in named)]
        if faults:
            refusal.faults = tuple(faults)
            raise refusal


def search_words(search: str) -> list[str]:
    """Return the folded words to look for; at most eight, without unprintable characters."""
    folded = fold(search[:SEARCH_CHARACTERS_MAX])
    printable = "".join(c for c in folded if c.isprintable())
    return printable.split()[:SEARCH_WORDS_MAX]


def _fault_of(name: str, message: str) -> Fault:
    """Return what is wrong by its code, and the bound in signs as the hint."""
    inside, bound = _INSIDE.search(message), _BOUND.search(message)
    if bound is None:
        code = "field.unfit"
    elif "length" not in message:
        code = "number.beyond"
    elif "`str`" in message:
        code = "text.bounds"
    else:
        code = "list.length"
    hint = f"{_SIGNS.get(bound[1], bound[1])} {bound[2]}" if bound else ""
    return Fault(name + (inside[1] if inside else ""), code, {"hint": hint})


def _root(fault: Fault) -> str:
    return _ROOT.split(fault.field, maxsplit=1)[0]


def days_in(value: object) -> Iterator[date]:
    """Yield every day inside a value of plain types."""
    if isinstance(value, date):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from days_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from days_in(one)
