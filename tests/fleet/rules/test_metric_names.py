"""Names that devices invent: no rule takes one metric for another, and none costs the rules a number."""

from pathlib import Path

import msgspec
import numpy as np

from tests.fleet.rules.making import NOW, ORG, block, engine_of, rule, said
from tram.fleet.device.rows import Row
from tram.fleet.rules.binding import UNBOUND
from tram.fleet.rules.rows import MetricNumbers
from tram.fleet.rules.snapshot import freeze, read_snapshot, write_snapshot

DWELLING = {"kind": "limit", "metric": "moi_a", "high": 10, "dwell_s": 60}
MANY = 5_000


def test_only_metrics_that_rules_name_have_numbers() -> None:
    engine = engine_of({"kind": "limit", "metric": "moi_a", "high": 10})
    names = [f"x{number}" for number in range(MANY)]
    engine.apply(1, block(NOW, (2, [Row(name, NOW, 99.0) for name in names])))
    later = NOW + 1_000
    sent = block(later, (1, [Row("moi_b", later, 99.0), Row("moi_a", later, 99.0)]))

    found = said(engine, engine.apply(2, sent))

    assert [(number, kind, at) for number, kind, _, at, _ in found] == [(1, "RAISE", later)]
    assert engine.binding.metric_numbers.names == ["", "moi_a"]
    assert len(engine.binding.room.keys.items()[0]) < 10
    assert engine.binding.room.series_count == 1


def test_a_metric_that_a_rule_names_later_is_judged_from_then_on() -> None:
    engine = engine_of({"kind": "limit", "metric": "moi_a", "high": 10})
    engine.apply(1, block(NOW, (1, [Row("moi_b", NOW, 99.0)])))
    specs = [{"kind": "limit", "metric": metric, "high": 10} for metric in ("moi_a", "moi_b")]
    engine.set_rules([rule(number, spec) for number, spec in enumerate(specs, 1)])

    found = engine.apply(2, block(NOW + 1_000, (1, [Row("moi_b", NOW + 1_000, 99.0)])))

    assert [line[:2] for line in said(engine, found)] == [(2, "RAISE")]


def test_numbers_of_metrics_that_no_rule_names_any_more_are_given_again() -> None:
    engine = engine_of(DWELLING)
    engine.apply(1, block(NOW, (1, [Row("moi_a", NOW, 12.0)])))
    kept = rule(1, DWELLING)
    for number in range(6):
        others = [
            rule(2 + place, {"kind": "limit", "metric": f"{number}-{place}", "high": 1})
            for place in range(700)
        ]
        assert engine.set_rules([kept, *others]) == []
    engine.set_rules([kept])
    later = NOW + 61_000

    found = said(engine, engine.apply(2, block(later, (1, [Row("moi_a", later, 12.0)]))))

    assert [line[:2] for line in found] == [(1, "RAISE")]
    assert len(engine.binding.metric_numbers.names) < 3_000


def test_a_snapshot_of_an_older_program_is_read_without_its_other_names(tmp_path: Path) -> None:
    engine = engine_of()
    junk = [f"x{number}" for number in range(MANY)]
    engine.binding.metric_numbers = MetricNumbers(["", *junk, "moi_a"])
    engine.binding.rules = []
    engine.binding.room.keys.put(*_unbound(MANY))
    forgets = engine.binding.forget_metrics
    engine.binding.forget_metrics = lambda _rules: None  # as the older program was
    engine.set_rules([rule(1, DWELLING)])
    engine.apply(1, block(NOW, (1, [Row("moi_a", NOW, 12.0)])))
    engine.binding.forget_metrics = forgets
    frozen = freeze(engine, 7)
    write_snapshot(tmp_path, msgspec.structs.replace(frozen, header=_older(frozen.header)))

    read, _ = read_snapshot(tmp_path)
    later = NOW + 61_000
    found = said(read, read.apply(2, block(later, (1, [Row("moi_a", later, 12.0)]))))

    assert [line[:2] for line in found] == [(1, "RAISE")]
    assert read.binding.metric_numbers.names == ["", "moi_a"]
    assert read.facts.version == -1, "devices and loans are read anew"
    assert read.binding.room.series_count == 1
    assert read.facts.ancestors == {ORG: [ORG]}


def _older(header):
    return msgspec.structs.replace(header, grants=None)


def _unbound(count: int):
    keys = (np.int64(1) << 20) + np.arange(1, count + 1, dtype=np.int64)
    return keys, np.full(count, UNBOUND, np.int64)
