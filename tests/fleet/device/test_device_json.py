"""The default decoder: which payloads are taken, as what, and what is said about the others."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.domain.reading import Quality, Status
from tram.fleet.device.decoders import device_json as payload_module
from tram.fleet.device.decoders.device_json import (
    Attribute,
    decode_attributes,
    decode_plain,
    decode_telemetry,
)
from tram.fleet.device.limits import FAULTS_MAX, KEY_CHARS_MAX, TEXT_CHARS_MAX, VALUES_MAX
from tram.fleet.device.rows import Row
from tram.runtime.errors import Refused

NOW_MS = 1_763_848_000_000
DAY_MS = 86_400_000
UNTIMED = {"quality": Quality.SERVER_TIMED}

TAKEN = {
    "flat": (b'{"t": 21.5}', [Row("t", NOW_MS, 21.5, **UNTIMED)]),
    "whole number": (b'{"n": 7}', [Row("n", NOW_MS, 7, **UNTIMED)]),
    "boolean": (b'{"on": true}', [Row("on", NOW_MS, True, **UNTIMED)]),
    "text": (b'{"s": "ok"}', [Row("s", NOW_MS, "ok", **UNTIMED)]),
    "timed": (b'{"ts": %d, "values": {"t": 1}}' % (NOW_MS - 5), [Row("t", NOW_MS - 5, 1)]),
    "whole float as time": (
        b'{"ts": %d.0, "values": {"t": 1}}' % (NOW_MS - 5),
        [Row("t", NOW_MS - 5, 1)],
    ),
    "array of flat": (
        b'[{"a": 1}, {"b": 2}]',
        [Row("a", NOW_MS, 1, **UNTIMED), Row("b", NOW_MS, 2, **UNTIMED)],
    ),
    "array of timed and flat": (
        b'[{"ts": %d, "values": {"a": 1, "b": 2}}, {"a": 3}]' % NOW_MS,
        [Row("a", NOW_MS, 1), Row("b", NOW_MS, 2), Row("a", NOW_MS, 3, **UNTIMED)],
    ),
    "ts alone is a metric": (b'{"ts": 5}', [Row("ts", NOW_MS, 5, **UNTIMED)]),
    "values alone is a metric": (b'{"values": 5}', [Row("values", NOW_MS, 5, **UNTIMED)]),
    "nested object as text": (
        b'{"o": {"x": [1, 2.5, "y"]}}',
        [Row("o", NOW_MS, '{"x":[1,2.5,"y"]}', **UNTIMED)],
    ),
    "nested array as text": (b'{"o": [1, null]}', [Row("o", NOW_MS, "[1,null]", **UNTIMED)]),
    "64-bit edge": (b'{"n": -9223372036854775808}', [Row("n", NOW_MS, -(2**63), **UNTIMED)]),
    "beyond 64 bits is a float": (b'{"n": 18446744073709551616}', [Row("n", NOW_MS, 2.0**64, **UNTIMED)]),
    "exponent": (b'{"n": 1e3}', [Row("n", NOW_MS, 1000.0, **UNTIMED)]),
    "Vietnamese in NFC": (
        '{"nhiệt độ": "cao"}'.encode(),
        [Row("nhiệt độ", NOW_MS, "cao", **UNTIMED)],
    ),
    "Vietnamese decomposed": (
        '{"nhie\u0323\u0302t": "bi\u0300nh"}'.encode(),
        [Row("nhiệt", NOW_MS, "bình", **UNTIMED)],
    ),
    "longest text": (
        b'{"s": "%b"}' % (b"x" * TEXT_CHARS_MAX),
        [Row("s", NOW_MS, "x" * TEXT_CHARS_MAX, **UNTIMED)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("payload", "rows"), TAKEN.values(), ids=TAKEN)
def test_payload_is_taken_the_first_and_the_second_time(payload: bytes, rows: list[Row]) -> None:
    payload_module._names.clear()  # the first time, no key is known yet

    first = decode_telemetry(payload, NOW_MS)
    second = decode_telemetry(payload, NOW_MS)

    assert first == second == rows
    assert [type(row.value) for row in first] == [type(row.value) for row in rows]
    assert {row.status for row in first} == {Status.MEASURING}


@pytest.mark.parametrize(
    ("at_ms", "quality"),
    [
        (NOW_MS + DAY_MS, Quality.GOOD),
        (NOW_MS + DAY_MS + 1, Quality.CLOCK_FAR_OFF),
        (NOW_MS - 3653 * DAY_MS, Quality.GOOD),
        (NOW_MS - 3670 * DAY_MS, Quality.CLOCK_FAR_OFF),
        (0, Quality.CLOCK_FAR_OFF),
        (NOW_MS // 1000, Quality.CLOCK_FAR_OFF),
    ],
)
def test_time_far_from_arrival_is_kept_and_flagged(at_ms: int, quality: Quality) -> None:
    payload = b'{"ts": %d, "values": {"t": 1}}' % at_ms

    assert decode_telemetry(payload, NOW_MS) == [Row("t", at_ms, 1, quality=quality)]


NOT_JSON = [
    b"",
    b"   ",
    b"{",
    b'{"t": NaN}',
    b'{"t": Infinity}',
    b'{"t": -Infinity}',
    b'{"t": 1e999}',
    b'{"t": 01}',
    b"{'t': 1}",
    b'{"t": 1} x',
    b'{"t": "\xff"}',
    b'{"\xff": 1}',
    b'{"t": "\\ud800"}',
    b"\xef\xbb\xbf{}",
    b"[" * 60_000,
    b'{"a":' * 10_000,
]


@pytest.mark.parametrize("payload", NOT_JSON, ids=lambda raw: raw[:20])
def test_what_is_not_json_is_refused(payload: bytes) -> None:
    for decode in (lambda raw: decode_telemetry(raw, NOW_MS), decode_attributes):
        with pytest.raises(Refused) as refusal:
            decode(payload)
        assert refusal.value.code == "payload.not_json"


WRONG = {
    "a number": (b"5", [""]),
    "a text": (b'"t"', [""]),
    "null": (b"null", [""]),
    "no values": (b"{}", [""]),
    "no items": (b"[]", [""]),
    "number of 400 digits": (b'{"t": %b}' % (b"9" * 400), ["t"]),
    "null value": (b'{"t": null}', ["t"]),
    "empty key": (b'{"": 1}', [""]),
    "blank key": (b'{" ": 1}', [" "]),
    "long key": (b'{"%b": 1}' % (b"k" * (KEY_CHARS_MAX + 1)), ["k" * 80]),
    "control character in key": (b'{"a\\u0000b": 1}', ["a\\x00b"]),
    "long text": (b'{"s": "%b"}' % (b"x" * (TEXT_CHARS_MAX + 1)), ["s"]),
    "long nested value": (b'{"s": ["%b"]}' % (b"x" * TEXT_CHARS_MAX), ["s"]),
    "time as text": (b'{"ts": "now", "values": {"t": 1}}', ["ts"]),
    "time as boolean": (b'{"ts": true, "values": {"t": 1}}', ["ts"]),
    "time with a fraction": (b'{"ts": 1.5, "values": {"t": 1}}', ["ts"]),
    "negative time": (b'{"ts": -1, "values": {"t": 1}}', ["ts"]),
    "time beyond the year 2100": (b'{"ts": 4102444800001, "values": {"t": 1}}', ["ts"]),
    "time of the year 9999": (b'{"ts": 253402300799999, "values": {"t": 1}}', ["ts"]),
    "time of 19 digits": (b'{"ts": 1000000000000000000, "values": {"t": 1}}', ["ts"]),
    "time of 400 digits": (b'{"ts": %b, "values": {"t": 1}}' % (b"9" * 400), ["ts"]),
    "NUL in a text": (b'{"s": "a\\u0000b"}', ["s"]),
    "NUL in a nested text": (b'{"s": {"a": [1, "\\u0000"]}}', ["s"]),
    "NUL in a nested key": (b'{"s": {"\\u0000": 1}}', ["s"]),
    "value nested deeply": (b'{"s": %b1%b}' % (b"[" * 33, b"]" * 33), ["s"]),
    "long key with a mark of direction": (
        ('{"\u202e%s": 1}' % ("k" * KEY_CHARS_MAX)).encode(),
        ["\\u202e" + "k" * 74],
    ),
    "time beyond 64 bits": (b'{"ts": 1e300, "values": {"t": 1}}', ["ts"]),
    "values not an object": (b'{"ts": 5, "values": 5}', ["values"]),
    "no timed values": (b'{"ts": 5, "values": {}}', ["values"]),
    "a third field": (b'{"ts": 5, "values": {"t": 1}, "x": 1}', ["x"]),
    "all faults at once": (
        b'[{"a": null}, 5, {"ts": "x", "values": {"b": null}}]',
        ["[0].a", "[1]", "[2].ts", "[2].values.b"],
    ),
    "too many values": (
        json.dumps({f"k{n}": n for n in range(VALUES_MAX + 1)}).encode(),
        [""],
    ),
    "too many items": (json.dumps([{"k": 1}] * (VALUES_MAX + 1)).encode(), [""]),
}


@pytest.mark.parametrize(("payload", "fields"), WRONG.values(), ids=WRONG)
def test_wrong_payload_is_refused_naming_every_field(payload: bytes, fields: list[str]) -> None:
    with pytest.raises(Refused) as refusal:
        decode_telemetry(payload, NOW_MS)

    assert refusal.value.code == "payload.wrong"
    assert [fault.field for fault in refusal.value.faults] == fields
    assert all(fault.sentence for fault in refusal.value.faults)


def test_number_of_faults_named_is_bounded_and_the_rest_counted() -> None:
    payload = json.dumps({f"k{n}": None for n in range(FAULTS_MAX + 5)}).encode()

    with pytest.raises(Refused, match="5 further") as refusal:
        decode_telemetry(payload, NOW_MS)

    assert len(refusal.value.faults) == FAULTS_MAX
    assert str(FAULTS_MAX + 5) in refusal.value.sentence


def test_most_values_are_taken() -> None:
    payload = json.dumps({f"k{n}": n for n in range(VALUES_MAX)}).encode()

    assert len(decode_telemetry(payload, NOW_MS)) == VALUES_MAX


def test_memory_for_known_keys_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payload_module, "NAMES_CACHED_MAX", 10)

    for number in range(100):
        decode_telemetry(b'{"key%d": 1}' % number, NOW_MS)

    assert len(payload_module._names) <= 10


def test_attributes_are_json_values_by_name() -> None:
    payload = b'{"model": "AQ-1", "ports": [1, 2], "on": true, "n": 1.50}'

    assert decode_attributes(payload) == [
        Attribute("model", '"AQ-1"'),
        Attribute("ports", "[1,2]"),
        Attribute("on", "true"),
        Attribute("n", "1.5"),
    ]


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        (b"[]", [""]),
        (b"{}", [""]),
        (b'{"a": null, "": 1, "b": "%b"}' % (b"x" * TEXT_CHARS_MAX), ["a", "", "b"]),
        (json.dumps({f"k{n}": n for n in range(VALUES_MAX + 1)}).encode(), [""]),
    ],
    ids=["array", "empty", "three faults", "too many"],
)
def test_wrong_attributes_are_refused_naming_every_field(payload, fields) -> None:
    with pytest.raises(Refused) as refusal:
        decode_attributes(payload)

    assert [fault.field for fault in refusal.value.faults] == fields


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5)
    | st.dictionaries(st.sampled_from(["ts", "values", "a", ""]) | st.text(max_size=9), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@given(JSON.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")))
def test_any_json_gives_rows_or_a_refusal_with_reasons(payload: bytes) -> None:
    check(payload)


@given(st.binary(max_size=200))
def test_any_bytes_give_rows_or_a_refusal(payload: bytes) -> None:
    check(payload)


def check(payload: bytes) -> None:
    for decode in (lambda raw: decode_telemetry(raw, NOW_MS), decode_attributes):
        try:
            rows, refusal = decode(payload), None
        except Refused as error:
            rows, refusal = [], error
        assert all("".join(map(str, row)).encode() for row in rows)
        assert rows or refusal.faults or refusal.code == "payload.not_json"


@given(
    st.dictionaries(
        st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20),
        st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(min_codepoint=1, max_codepoint=126), max_size=50),
        min_size=1,
        max_size=10,
    ).filter(lambda values: not {"ts", "values"} <= set(values))
)
def test_every_value_comes_through_unchanged(values: dict) -> None:
    rows = decode_telemetry(msgspec.json.encode(values), NOW_MS)

    assert {row.metric: row.value for row in rows} == values
    assert all(type(row.value) is type(values[row.metric]) for row in rows)


@pytest.mark.parametrize(
    "value", ["a\u202eb", "line\nbreak", "\x01\x1f\x7f", "x" * (TEXT_CHARS_MAX - 2), "①"]
)
def test_a_text_is_kept_as_it_came(value: str) -> None:
    payload = json.dumps({"s": value}).encode()
    assert [row.value for row in decode_telemetry(payload, NOW_MS)] == [value]
    assert json.loads(decode_attributes(payload)[0].json) == value


@pytest.mark.parametrize(
    "payload",
    [b'{"a": "x\\u0000"}', b'{"a": {"\\u0000": 1}}', b'{"a": %b1%b}' % (b"[" * 33, b"]" * 33)],
)
def test_an_attribute_that_cannot_be_kept_is_refused(payload: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        decode_attributes(payload)
    assert [fault.field for fault in refusal.value.faults] == ["a"]
    assert decode_plain(payload, NOW_MS) is None


def test_known_text_with_nul_is_refused_too() -> None:
    decode_telemetry(b'{"known": "x"}', NOW_MS)
    assert decode_plain(b'{"known": "y"}', NOW_MS) is not None
    assert decode_plain(b'{"known": "y\\u0000"}', NOW_MS) is None
