"""Whatever a device or a person sent before it was refused, a page shows it and says what it is."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from tests.api.province import Client, Province
from tests.provinces import QUANG_NGAI
from tram.domain.text import visible
from tram.registry.kernel.tables import devices, people
from tram.registry.registry import Registry
from tram.web import formats
from tram.web.assets import load_assets
from tram.web.rendering import Pages

LOCALES = ("vi", "en")
times = st.integers(-(2**63), 2**63 - 1)
numbers = st.floats() | st.integers(-(2**70), 2**70)
texts = st.text(st.characters(exclude_categories=()), max_size=40)
FAR_MS = 253_402_300_799_999


@settings(max_examples=150)
@given(times, numbers, texts)
def test_every_stored_value_has_a_text(at_ms: int, value: float, text: str) -> None:
    for locale in LOCALES:
        assert formats.moment(at_ms, locale)
        assert formats.moment(at_ms, locale, day_only=True)
        for said in (
            formats.number(value, locale, 6),
            formats.ratio(value, locale),
            formats.percent(value, 3.0, locale),
            formats.reading_text(value, locale),
        ):
            assert 0 < len(said) < 60
        assert formats.reading_text(text, locale) == text
    assert formats.iso(at_ms) == "" or "T" in formats.iso(at_ms)
    shown = str(formats.harmless(text))
    assert visible(shown, "\n\t\r") == shown


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (-0.0, "0", "0"),
        (-1e-9, "0", "0"),
        (1e308, "1,000000e+308", "1.000000e+308"),
        (1e22, "1,000000e+22", "1.000000e+22"),
        (math.nan, "NaN", "NaN"),
        (math.inf, "∞", "∞"),
        (2**63 - 1, "9.223.372.036.854.775.807", "9,223,372,036,854,775,807"),
        ("a" * 100_000, "a" * 500 + "…", "a" * 500 + "…"),
    ],
)
def test_values_at_the_ends_are_shown_as_what_they_are(value: object, vi: str, en: str) -> None:
    assert formats.reading_text(value, "vi") == vi
    assert formats.reading_text(value, "en") == en


def test_a_time_that_no_calendar_has_stays_a_number() -> None:
    assert formats.moment(FAR_MS, "vi") == "253402300799999 ms"
    assert formats.moment(-(2**63), "en") == "-9223372036854775808 ms"
    assert formats.iso(FAR_MS) == ""


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages(load_assets({}), QUANG_NGAI)


def test_templates_name_what_nobody_sees_wherever_it_stands(pages: Pages) -> None:
    template = pages._environments["vi"].from_string(
        "<a title=\"{{ name }}\">{{ name }}</a>{{ _('As of %(day)s', day=name) }}"
        "{{ {'name': name} | tojson }}{{ note | lines }}"
    )

    html = template.render(name="a\u202e<b>\x01", note="một\n\u2066hai<i>")

    assert "\u202e" not in html
    assert "\u2066" not in html
    assert html.count("a[U+202E]&lt;b&gt;␁") == 3
    assert r"a[U+202E]\u003cb\u003e\u0001" in html
    assert html.endswith("một<br>[U+2066]hai&lt;i&gt;")


@pytest.mark.parametrize("path", ["/devices", "/devices/{device}", "/people", "/account"])
async def test_old_names_stand_on_pages_harmlessly(
    person: Client, registry: Registry, province: Province, path: str
) -> None:
    device = province.a.devices[0]
    async with registry.database.write() as connection:
        name = f"{device.name.split()[0]} cũ\u202eexe\nhai\u2028ba\x01"
        await connection.execute(
            update(devices).where(devices.c.id == device.id).values(name=name)
        )
        await connection.execute(update(people).values(name="Người\u202ecũ"))

    answer = await person.get(path.format(device=device.id))

    assert answer.status_code == 200
    for sign in "\u202e\u2028\x01":
        assert sign not in answer.text
    assert "[U+202E]" in answer.text
