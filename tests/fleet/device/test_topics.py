"""Free topics: filters, JSON paths, SenML, CSV, and what is wrong with a rule."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleet.gateway.parsers import RULES, payload_decoders
from tram.fleet.device.topics import compile_rules, matches, rule_of
from tram.runtime.errors import Refused

NOW_MS = 1_763_848_000_000


def read(payload: str, **rule: Any) -> list[tuple]:
    (compiled,) = compile_rules([{"topic": "t", **rule}])
    rows = compiled.decode(payload.encode(), NOW_MS)
    return [(row.metric, row.observed_at_ms, row.value) for row in rows]


@pytest.mark.parametrize(
    ("topic_filter", "topic", "expected"),
    [
        ("a/b", "a/b", True),
        ("a/+", "a/b", True),
        ("a/+", "a/b/c", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("+/+", "/a", True),
        ("#", "$SYS/a", False),
        ("+/a", "$SYS/a", False),
        ("$SYS/#", "$SYS/a", True),
        ("a/b", "a/b/c", False),
        ("a/b/c", "a/b", False),
    ],
)
def test_filters_match_as_the_standard_says(topic_filter: str, topic: str, expected: bool) -> None:
    assert matches(topic_filter, topic) is expected


def test_json_paths_reach_into_objects_and_arrays() -> None:
    metrics = {"t": "$.data.temp", "second": "$.list[1]", "odd": "$['a b'].v", "none": "$.no"}
    payload = '{"data": {"temp": 21.5}, "list": [1, 2], "a b": {"v": "x"}}'
    assert read(payload, decoder="json_paths", metrics=metrics) == [
        ("t", NOW_MS, 21.5),
        ("second", NOW_MS, 2),
        ("odd", NOW_MS, "x"),
    ]


def test_json_paths_read_each_item_with_its_time() -> None:
    rule = {"decoder": "json_paths", "metrics": {"v": "$.v"}, "each": "$.items", "time": "$.at"}
    payload = '{"items": [{"at": 1700000000, "v": 1}, {"at": "1700000001.5", "v": 2}]}'
    assert read(payload, **rule, time_unit="s") == [
        ("v", 1_700_000_000_000, 1),
        ("v", 1_700_000_001_500, 2),
    ]


def test_senml_resolves_names_values_and_times() -> None:
    """The packs of RFC 8428, 5.1.2 and 5.1.3, in the fields that are read."""
    pack = """[
        {"bn": "urn:dev:ow:10e2073a0108006:", "bt": 1.276020076001e+09, "bu": "A", "bver": 5,
         "n": "voltage", "u": "V", "v": 120.1},
        {"n": "current", "t": -5, "v": 1.2}, {"n": "open", "vb": true}, {"n": "note", "vs": "x"}]"""
    name = "urn:dev:ow:10e2073a0108006:"
    assert read(pack, decoder="senml") == [
        (f"{name}voltage", 1_276_020_076_001, 120.1),
        (f"{name}current", 1_276_020_071_001, 1.2),
        (f"{name}open", 1_276_020_076_001, True),
        (f"{name}note", 1_276_020_076_001, "x"),
    ]
    assert read('[{"n": "a", "v": 1}, {"n": "a", "t": -60, "v": 2}]', decoder="senml") == [
        ("a", NOW_MS, 1),
        ("a", NOW_MS - 60_000, 2),
    ]
    assert read('[{"bn": "x", "bv": 10, "v": 1}]', decoder="senml") == [("x", NOW_MS, 11)]


@pytest.mark.parametrize(
    "pack",
    ["{}", "[1]", '[{"n": 1, "v": 1}]', '[{"n": "a", "v": "x"}]', '[{"bver": 11}]', '[{"x_": 1}]'],
)
def test_wrong_senml_is_refused(pack: str) -> None:
    with pytest.raises(Refused):
        read(pack, decoder="senml")


def test_csv_takes_lines_times_and_left_out_columns() -> None:
    rule = {"decoder": "csv", "columns": ["ts", "pH", "-", "note"], "separator": ";"}
    lines = "2026-01-31T08:00:00+07:00;7.1;x;ok\n2026-01-31T01:01:00;7;;\n"
    assert read(lines, **rule, time_unit="iso") == [
        ("pH", 1_769_821_200_000, 7.1),
        ("note", 1_769_821_200_000, "ok"),
        ("pH", 1_769_821_260_000, 7),
    ]
    with pytest.raises(Refused, match="Expected 4 columns"):
        read("1;2", **rule)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"topic": "v1/x", "decoder": "json"}, "outside of v1/"),
        ({"topic": "a", "decoder": "xml"}, "Expected one of"),
        ({"topic": "a", "decoder": "json_paths"}, '"metrics"'),
        ({"topic": "a", "decoder": "json_paths", "metrics": {"t": "x.y"}}, "is not a path"),
        ({"topic": "a", "decoder": "json_paths", "metrics": {"t": "$..y"}}, "is not a path"),
        ({"topic": "a", "decoder": "csv", "columns": []}, '"columns"'),
        ({"topic": "a", "decoder": "csv", "columns": ["a", "a"]}, "different"),
        ({"topic": "a", "decoder": "csv", "columns": ["a"], "separator": "ab"}, '"separator"'),
        ({"topic": "a", "decoder": "csv", "columns": ["a"], "time_unit": "h"}, '"time_unit"'),
    ],
)
def test_wrong_rule_says_what_is_wrong(rule: dict, says: str) -> None:
    with pytest.raises(Refused, match="is wrong") as refused:
        compile_rules([rule, {"topic": "good", "decoder": "json"}])
    assert says in str(refused.value.faults[0].sentence)


def test_first_rule_that_matches_reads() -> None:
    rules = compile_rules(
        [{"topic": "a/+", "decoder": "json"}, {"topic": "a/b", "decoder": "senml"}]
    )
    assert rule_of(rules, "a/b") is rules[0]
    assert rule_of(rules, "b") is None


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_decoders_raise_nothing_but_refused(payload: bytes) -> None:
    assert len(RULES) == 4
    for decode in payload_decoders():
        with suppress(Refused):
            decode(payload)


JSON_RULE = {"decoder": "json_paths", "metrics": {"v": "$.v"}, "time": "$.at"}
CSV_RULE = {"decoder": "csv", "columns": ["ts", "v"]}


@pytest.mark.parametrize(
    "at", ["4102444801000", "253402300799999", "-1", "1" + "0" * 18, "9" * 400]
)
def test_a_time_that_is_none_is_refused_by_every_decoder(at: str) -> None:
    seconds = at[:-3] if len(at) > 3 else at
    for rule, payload in (
        (JSON_RULE, f'{{"at": {at}, "v": 1}}'),
        (JSON_RULE, f'{{"at": "{at}", "v": 1}}'),
        (JSON_RULE | {"time_unit": "s"}, f'{{"at": {seconds}, "v": 1}}'),
        (JSON_RULE | {"time_unit": "iso"}, '{"at": "9999-12-31T23:59:59-14:00", "v": 1}'),
        (JSON_RULE | {"time_unit": "iso"}, '{"at": "0001-01-01T00:00:00+14:00", "v": 1}'),
        (CSV_RULE, f"{at},1"),
        (CSV_RULE | {"time_unit": "s"}, f"{seconds},1"),
        ({"decoder": "senml"}, f'[{{"n": "v", "t": {at if at != "-1" else "-1e15"}, "v": 1}}]'),
        ({"decoder": "senml"}, f'[{{"n": "v", "bt": {"9" * 400}, "t": 0.5, "v": 1}}]'),
        ({"decoder": "senml"}, f'[{{"n": "v", "bv": 0.5, "v": {"9" * 400}}}]'),
        ({"decoder": "json"}, f'{{"ts": {at}, "values": {{"v": 1}}}}'),
        ({"decoder": "json"}, f'{{"ts": "{at}", "values": {{"v": 1}}}}'),
    ):
        with pytest.raises(Refused) as refusal:
            read(payload, **rule)
        assert refusal.value.code == "payload.wrong", (rule, payload)


def test_a_text_with_nul_is_refused_by_every_decoder() -> None:
    for rule, payload in (
        ({"decoder": "json_paths", "metrics": {"v": "$.v"}}, '{"v": "a\\u0000"}'),
        ({"decoder": "csv", "columns": ["v"]}, "a\0b"),
        ({"decoder": "senml"}, '[{"n": "v", "vs": "\\u0000"}]'),
    ):
        with pytest.raises(Refused) as refusal:
            read(payload, **rule)
        assert refusal.value.code == "payload.wrong", rule
