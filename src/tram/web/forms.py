"""What people type into forms, read into the interface's structs with every fault at its field."""

import math
from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, TypeVar

import msgspec
from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import inspect

from tram.domain.bounds import DAY_MIN, is_day, number_of
from tram.runtime.errors import Fault, Refused, TramError
from tram.web.words import rollout

__all__ = ("Form", "Typed", "at_field", "chosen", "day_of", "faults_of", "typed_of")

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
"""What a page's form sends: texts by the name of their field."""

_Read = TypeVar("_Read", bound=msgspec.Struct)
_OWN_SENTENCE = "refusal"
_DIGITS_MAX = 15
_DECIMAL_CHARACTERS_MAX = 40
_DAY_CHARACTERS_MAX = 10


class Typed:
    """The fields of one form; what cannot be read becomes a fault of its field.

    Most forms are read as the struct of their use case says (``read``); what a form asks in another
    way than its struct is read by itself before.
    """

    def __init__(self, data: Mapping[str, str]) -> None:
        self._data = data
        self.faults: list[Fault] = []

    def read(self, wanted: type[_Read], **known: object) -> _Read:
        """Return the struct that the use case takes: each field by its type, but for those known.

        A required text is missing when empty; a number from 1 on names something that was chosen.

        Raises:
            Refused: ``request.invalid`` with every fault, also of what was read before.
        """
        found = {
            field.name: self._field(field)
            for field in _fields_of(wanted)
            if field.name not in known
        }
        self.refuse()
        return wanted(**known, **found)

    def refuse(self) -> None:
        """Refuse what has faults so far.

        Raises:
            Refused: ``request.invalid``.
        """
        if self.faults:
            sentence = "Some fields are missing or wrong."
            raise Refused("request.invalid", sentence, "", tuple(self.faults))

    def _field(self, field: inspect.Field) -> object:
        kind, optional = _kind_of(field)
        name = field.name
        match kind:
            case inspect.IntType(ge=1):
                return chosen(self._data.get(name, "")) if optional else self.choice(name)
            case inspect.IntType():
                is_empty = not self._data.get(name, "").strip()
                found: object = None if is_empty and not field.required else self.whole(name)
            case inspect.FloatType():
                found = self.decimal(name)
            case inspect.DateType():
                return self.day_or_none(name) if optional else self.day(name)
            case inspect.BoolType():
                return self.ticked(name)
            case inspect.ListType():
                return self.lines(name)
            case _:
                found = self.text(name, needed=field.required and not optional) or None
        return _default_of(field) if found is None else found

    def text(self, field: str, *, needed: bool = False) -> str:
        """Return the text without blanks around it."""
        text = self._data.get(field, "").strip()
        if needed and not text:
            self.faults.append(Fault(field, "field.missing"))
        return text

    def whole(self, field: str) -> int:
        """Return a whole number; separators of thousands may stand in it."""
        text = self._data.get(field, "").strip()
        digits = text.replace(".", "").replace(",", "").replace("\u00a0", "").replace(" ", "")
        if digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_MAX:
            return int(digits)
        self.faults.append(Fault(field, "number.whole"))
        return 0

    def decimal(self, field: str) -> float | None:
        """Return a number with decimal comma or point, or None for an empty field."""
        text = self._data.get(field, "").strip()
        if not text:
            return None
        try:
            found = float(Decimal(text[:_DECIMAL_CHARACTERS_MAX].replace(",", ".")))
        except InvalidOperation:
            found = math.nan
        if not math.isfinite(found):
            self.faults.append(Fault(field, "number.unreadable"))
            return None
        return found

    def choice(self, field: str) -> int:
        """Return the number of the chosen thing."""
        if number := number_of(self._data.get(field, "")):
            return number
        self.faults.append(Fault(field, "choice.missing"))
        return 0

    def day(self, field: str) -> date:
        """Return a day that must be given."""
        found = self.day_or_none(field)
        if found is None and not any(fault.field == field for fault in self.faults):
            self.faults.append(Fault(field, "day.unreadable"))
        return found or DAY_MIN

    def day_or_none(self, field: str) -> date | None:
        """Return a day, or None for an empty field."""
        text = self._data.get(field, "").strip()
        found = day_of(text)
        if text and found is None:
            self.faults.append(Fault(field, "day.unreadable"))
        return found

    def lines(self, field: str) -> list[str]:
        """Return the lines that are not empty."""
        return [line.strip() for line in self._data.get(field, "").splitlines() if line.strip()]

    def ticked(self, field: str) -> bool:
        """Say whether a box is ticked."""
        return self._data.get(field, "") == "yes"


@cache
def _fields_of(wanted: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    told = inspect.type_info(wanted)
    return told.fields if isinstance(told, inspect.StructType) else ()


def _kind_of(field: inspect.Field) -> tuple[inspect.Type, bool]:
    """Return what a field holds, and whether it may hold nothing."""
    kinds = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
    held = [kind for kind in kinds if not isinstance(kind, inspect.NoneType)]
    kind = held[0].type if isinstance(held[0], inspect.Metadata) else held[0]
    return kind, len(held) < len(kinds)


def _default_of(field: inspect.Field) -> object:
    """Return what a field holds that was left empty."""
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return "" if isinstance(field.type, inspect.StrType | inspect.LiteralType) else None


def typed_of(kept: msgspec.Struct) -> dict[str, str]:
    """Return what is kept as a form shows it: what people would have typed, by field."""
    fields = {name: _text_of(value) for name, value in msgspec.structs.asdict(kept).items()}
    return {name: text for name, text in fields.items() if text is not None}


def _text_of(value: object) -> str | None:
    """Return the text of a field; None for what takes more than one field."""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "\n".join(value) if all(isinstance(item, str) for item in value) else None
    if value is None or isinstance(value, str | int | float):
        return "" if value is None else str(value)
    return None


def day_of(text: str) -> date | None:
    """Read a day as a browser sends it (2025-07-30) or as people write it (30/7/2025).

    >>> day_of("30/7/2025") == day_of("2025-07-30")
    True
    >>> day_of("31/2/2025") is None
    True

    None for a day before 1900 or after 2100, too.
    """
    if len(text) > _DAY_CHARACTERS_MAX:
        return None
    parts = text.split("-") if "-" in text else text.split("/")[::-1]
    if len(parts) != len("ymd") or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    try:
        found = date(*map(int, parts))
    except ValueError:
        return None
    return found if is_day(found) else None


def chosen(text: str) -> int | None:
    """Return the number of what was chosen, None where nothing was.

    0, which is the number of nothing, for any other text: the interface then says so.
    """
    return (number_of(text) or 0) if text.strip() else None


def at_field(error: TramError, field: str, words: Container[str] = rollout.PROBLEMS) -> Refused:
    """Return an error as the fault of one field; what the person may not do at all stays what it is.

    ``words`` are the codes that pages say it by.
    """
    if isinstance(error, Refused) and error.code == "access.denied":
        return error
    fault = _fault_of(error, field, words)
    return Refused("request.invalid", error.sentence, error.hint, (fault,))


def faults_of(error: Refused) -> tuple[Fault, ...]:
    """Return what a form shows of a refusal; one that names no field stands above the fields.

    Raises:
        Refused: again, when the person may not do this at all: no field mends that.
    """
    if error.code == "access.denied":
        raise error
    return error.faults or (_fault_of(error),)


def _fault_of(
    error: TramError, field: str = "form", words: Container[str] = rollout.PROBLEMS
) -> Fault:
    """Return an error as the fault of one field; ``words`` are the codes that pages say it by.

    Any other says its own reason or sentence, which may tell more than the words of its code.
    """
    if isinstance(error, Refused) and error.reason is not None:
        return replace(error.reason, field=field)
    code = error.code if error.code in words else _OWN_SENTENCE
    return Fault(field, code, {"sentence": error.sentence})
