"""Every kind of rule as a formula."""

import pytest
from msgspec import convert

from tram.fleet.alarms.views import RuleContent
from tram.web.words.rule_formula import condition_text

BOUND = {"metric": "COD", "high": 63, "low": 5}
FORMULAS = [
    ({"kind": "limit", **BOUND, "dwell_s": 10}, "COD > 63 (≥ 10 s)"),
    ({"kind": "schedule", **BOUND, "op": "below", "hours": [{"days": [0]}]}, "COD < 5"),
    ({"kind": "rate", **BOUND, "op": "outside", "per_s": 60}, "ΔCOD/60 s < 5 ∨ ΔCOD/60 s > 63"),
    ({"kind": "window", **BOUND, "window_s": 600}, "mean(COD, 600 s) > 63"),
    ({"kind": "compare", **BOUND, "other": "TSS"}, "COD − TSS > 63"),
    ({"kind": "compare", **BOUND, "other": "COD", "other_device": 7}, "COD − #7 COD > 63"),
    ({"kind": "stuck", "metric": "pH", "for_s": 60, "tolerance": 0.1}, "pH ± 0.1 (≥ 60 s)"),
    ({"kind": "missing", "for_s": 120}, "∗ = ∅ (≥ 120 s)"),
    ({"kind": "missing", "metric": "pH", "for_s": 120}, "pH = ∅ (≥ 120 s)"),
    ({"kind": "geofence", "polygon": [[1, 1], [2, 1], [2, 2]]}, "(lon, lat) ∉ [3]"),
    ({"kind": "expression", "when": "CO > 8 or H2S > 1"}, "CO > 8 or H2S > 1"),
]


@pytest.mark.parametrize(("spec", "formula"), FORMULAS)
def test_a_condition_reads_as_a_formula(spec: dict, formula: str) -> None:
    assert condition_text(convert({"spec": spec}, RuleContent)) == formula
