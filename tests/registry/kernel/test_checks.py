"""Checks of forms: every field beyond its type is named at once, in words that pages translate."""

from datetime import date
from typing import Annotated

import msgspec
import pytest

from tram.domain.bounds import Day, Line, Number, Numbers
from tram.registry.kernel.checks import Checked
from tram.runtime.errors import Refused


class Form(msgspec.Struct, kw_only=True):
    number: Number
    some: Numbers
    name: Line
    day: Day
    days: Annotated[list[Day], msgspec.Meta(max_length=3)]
    perhaps: Number | None = None


GOOD = Form(number=1, some=[1], name="x", day=date(2026, 1, 1), days=[date(2100, 12, 31)])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", 2**63), ("number", 99_999_999_999_999_999_999), ("number", 0), ("number", -1),
        ("perhaps", 2**43), ("some", [2**63]), ("some", [1] * 20_001), ("name", "x" * 2_001),
        ("day", date(9999, 12, 31)), ("day", date(1, 1, 1)), ("days", [date(9999, 12, 31)]),
        ("days", [date(2026, 1, 1)] * 4), ("number", 1.5), ("name", None),
    ],
)  # fmt: skip
def test_what_lies_beyond_a_fields_type_is_named(field: str, value: object) -> None:
    checked = Checked()
    checked.bounded(msgspec.structs.replace(GOOD, **{field: value}))

    with pytest.raises(Refused) as refusal:
        checked.done(Refused("form.wrong", "This cannot be kept."))
    assert [fault.field.partition("[")[0] for fault in refusal.value.faults] == [field]
    assert not checked.is_bounded(field)


def test_all_faults_come_at_once_and_what_fits_passes() -> None:
    checked = Checked()
    checked.bounded(GOOD)
    checked.day("day", date(9999, 12, 31))
    checked.moment("at", 2**63)
    checked.mail("mail", "a@[")
    checked.web("url", "https://a..b.vn/")

    with pytest.raises(Refused) as refusal:
        checked.done(Refused("form.wrong", "This cannot be kept."))
    assert [fault.field for fault in refusal.value.faults] == ["day", "at", "mail", "url"]
