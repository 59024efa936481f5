"""The form of a rule keeps what it does not show."""

import pytest
from msgspec import convert, to_builtins

from tram.fleet.alarms.views import RuleContent, RuleRow
from tram.web.pages.alarms.rules import _read, _typed

HOURS = [
    {"days": [0, 1], "start": 480, "end": 720},
    {"days": [5], "start": 1320, "end": 360},
]


def rule(spec: dict, **content: object) -> RuleRow:
    return RuleRow(
        id=1, org=1, org_name="", version=1, name="x", kind=spec["kind"], severity="info",
        content=convert({"spec": spec, **content}, RuleContent), enabled=True, chain=None,
        changed_ms=0, open_alarms=0,
    )  # fmt: skip


def test_saving_a_rule_unchanged_changes_nothing() -> None:
    bound = {"metric": "COD", "high": 63, "low": 5, "hysteresis": 3, "dwell_s": 10, "clear_s": 30}
    kept = (
        rule({"kind": "limit", **bound}, hours=HOURS, advice="Gọi", query="trạm"),
        rule({"kind": "schedule", **bound, "hours": HOURS}, scope={"zone": 3, "sector": "energy"}),
        rule({"kind": "window", **bound, "window_s": 600, "least": 5, "aggregate": "max"}),
        rule({"kind": "stuck", "metric": "pH", "for_s": 60, "tolerance": 0.5}),
        rule({"kind": "missing", "for_s": 120}, scope={"devices": [4, 5]}),
        rule({"kind": "compare", **bound, "other": "BOD", "other_device": 7, "max_age_s": 90}),
        rule({"kind": "compare", **bound, "other": "BOD"}),
        rule(
            {
                "kind": "geofence",
                "polygon": [[1, 1], [2, 1], [2, 2]],
                "must_be": "outside",
                "max_age_s": 60,
            }
        ),
        rule(
            {"kind": "expression", "when": "CO > 8", "dwell_s": 5, "max_age_s": 120},
            scope={"profile": 2},
        ),
    )
    for before in kept:
        new, faults = _read(_typed(before), before)

        assert faults == ()
        assert to_builtins(new.content) == to_builtins(before.content)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("high", "nan"),
        ("high", "1e999"),
        ("dwell_s", "inf"),
        ("devices", "7 pump"),
        ("devices", "9223372036854775808"),
        ("devices", "9" * 5_000),
        ("group", "0"),
        ("profile", "8796093022208"),
        ("chain", "1" * 5_000),
    ],
)
def test_what_is_no_number_is_named_by_its_field(field: str, text: str) -> None:
    typed = {"kind": "limit", "name": "x", "metric": "COD", "op": "above", field: text}

    _, faults = _read(typed, None)

    assert [fault.field for fault in faults] == [field]
