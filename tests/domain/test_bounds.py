"""Numbers, moments and days at and beyond what can be kept; and who counts as one neighbour."""

import ipaddress
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.domain import bounds
from tram.domain.addresses import neighbourhood
from tram.domain.alarms import AlarmState
from tram.domain.bounds import is_day, is_moment_ms, is_number, number_of
from tram.domain.days import (
    DAY_MS,
    MOMENTS_END_MS,
    MOMENTS_START_MS,
    MONDAY_MS,
    VIETNAM_MS,
    local_day,
    moment_of,
)
from tram.domain.reading import INTEGER_MAX, INTEGER_MIN, Kind, kind_of
from tram.domain.sectors import SECTOR_DEFINITIONS, SECTOR_NAMES, SECTORS
from tram.domain.text import fold

NUMBER_MAX = 2**43 - 1


@given(st.integers(1, NUMBER_MAX))
def test_every_number_of_a_row_is_read_from_its_digits(number):
    assert number_of(str(number)) == number
    assert is_number(number)


@pytest.mark.parametrize(
    "text",
    ["0", "", str(NUMBER_MAX + 1), "00000000000000042", "+42", " 42", "4.0", "0x2A", "４２"],
)
def test_what_names_no_row_is_none(text):
    assert number_of(text) is None


@given(st.text("0123456789+-_. ²١４", max_size=16))
def test_no_text_breaks_the_reading_of_a_number(text):
    found = number_of(text)
    assert found is None or is_number(found)


@pytest.mark.parametrize(
    ("kind", "held", "beyond"),
    [
        (bounds.Number, 1, 0),
        (bounds.Number, NUMBER_MAX, NUMBER_MAX + 1),
        (bounds.Count, 0, -1),
        (bounds.Count, 2**53 - 1, 2**53),
        (bounds.MomentMs, 0, -1),
        (bounds.MomentMs, 4_102_444_800_000, 4_102_444_800_001),
        (bounds.Seconds, 10 * 366 * 86_400, 10 * 366 * 86_400 + 1),
        (bounds.Real, 1e300, 1.01e300),
        (bounds.Real, -1e300, -1.01e300),
        (bounds.Line, "a" * 2_000, "a" * 2_001),
        (bounds.Paragraphs, "a" * 200_000, "a" * 200_001),
        (bounds.Lines, ["a"] * 2_000, ["a"] * 2_001),
        (bounds.Numbers, [1] * 20_000, [1] * 20_001),
        (bounds.Numbers, [1], [0]),
    ],
)
def test_each_bound_on_its_inner_and_outer_edge(kind, held, beyond):
    decoder = msgspec.json.Decoder(kind)
    assert decoder.decode(msgspec.json.encode(held)) == held
    with pytest.raises(msgspec.ValidationError):
        decoder.decode(msgspec.json.encode(beyond))


def test_a_device_and_a_metric_fill_one_signed_key():
    assert NUMBER_MAX << 20 | (2**20 - 1) == 2**63 - 1


def test_every_count_is_exact_in_a_double():
    assert float(bounds.COUNT_MAX) == bounds.COUNT_MAX
    assert float(bounds.COUNT_MAX + 2) != bounds.COUNT_MAX + 2


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(1900, 1, 1), True),
        (date(1899, 12, 31), False),
        (date(2100, 12, 31), True),
        (date(2101, 1, 1), False),
    ],
)
def test_the_days_of_decrees_and_plans(day, holds):
    assert is_day(day) is holds


def test_moments_end_with_the_century():
    end = datetime(2100, 1, 1, tzinfo=UTC)
    assert end.timestamp() * 1000 == bounds.MOMENT_MS_MAX
    assert [is_moment_ms(at) for at in (-1, 0, bounds.MOMENT_MS_MAX)] == [False, True, True]
    assert not is_moment_ms(bounds.MOMENT_MS_MAX + 1)


@given(st.integers(0, 4_102_444_800_000))
def test_a_vietnamese_day_begins_seven_hours_before_that_of_greenwich(at_ms):
    assert local_day(at_ms) == date(1970, 1, 1) + timedelta(days=(at_ms + VIETNAM_MS) // DAY_MS)
    assert moment_of(at_ms).utcoffset() == timedelta(hours=7)


def test_midnight_in_viet_nam_changes_the_day():
    midnight = int(datetime(2025, 7, 29, 17, tzinfo=UTC).timestamp() * 1000)
    assert local_day(midnight) == date(2025, 7, 30)
    assert local_day(midnight - 1) == date(2025, 7, 29)
    assert date(1970, 1, 1).toordinal() + MONDAY_MS // DAY_MS == date(1970, 1, 5).toordinal()
    assert moment_of(MONDAY_MS, UTC).weekday() == 0


@pytest.mark.parametrize(
    ("at_ms", "day"),
    [
        (MOMENTS_START_MS, date(1, 1, 2)),
        (MOMENTS_START_MS - 1, date.min),
        (MOMENTS_END_MS - 1, date(9999, 12, 31)),
        (MOMENTS_END_MS, date.max),
        (-(2**63), date.min),
        (2**63 - 1, date.max),
    ],
)
def test_moments_that_no_calendar_has_fall_on_its_ends(at_ms, day):
    assert local_day(at_ms) == day


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_its_own_neighbourhood_however_it_is_written(address):
    assert neighbourhood(str(address)) == str(address)
    assert neighbourhood(f"::ffff:{address}") == str(address)


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_a_household_of_ipv6_is_one_neighbour(address, host):
    if address.ipv4_mapped is not None:
        return
    net = int(address) >> 64 << 64
    beside = ipaddress.IPv6Address(net | host)
    if beside.ipv4_mapped is None:
        assert neighbourhood(str(beside)) == neighbourhood(str(address))
    elsewhere = ipaddress.IPv6Address((net ^ 1 << 64) | host)
    assert neighbourhood(str(elsewhere)) != neighbourhood(str(address))


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("fe80::1%eth0", "fe80::/64"),
        ("fe80::2%wlan0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
        ("10.0.0.1:443", "10.0.0.1:443"),
    ],
)
def test_scopes_and_what_is_no_address(address, counted):
    assert neighbourhood(address) == counted


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, Kind.BOOLEAN),
        (0, Kind.INTEGER),
        (INTEGER_MAX, Kind.INTEGER),
        (INTEGER_MIN, Kind.INTEGER),
        (INTEGER_MAX + 1, Kind.FLOAT),
        (INTEGER_MIN - 1, Kind.FLOAT),
        (1.0, Kind.FLOAT),
        (float("nan"), Kind.FLOAT),
        ("1", Kind.TEXT),
    ],
)
def test_the_column_that_holds_a_value(value, kind):
    assert kind_of(value) is kind


def test_an_alarm_that_holds_no_more_comes_after_those_that_do():
    holding = [state for state in AlarmState if state < AlarmState.CLEARED]
    assert [state.word for state in holding] == ["active", "acked"]


def test_a_sector_has_both_names_and_is_known_by_words_of_its_own():
    assert len(set(SECTORS)) == len(SECTORS)
    for names in SECTOR_NAMES.values():
        assert list(names) == list(SECTORS)
        assert len(set(names.values())) == len(SECTORS)
    words = [fold(word) for sector in SECTOR_DEFINITIONS for word in sector.words]
    assert len(set(words)) == len(words), "a text speaks of one sector by one word"
