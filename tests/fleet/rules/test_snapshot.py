"""The engine's snapshot: what was known is known again, and damage is found, never judged by."""

from pathlib import Path

import msgspec
import pytest

from tests.fleet.rules.making import NOW, ORG, block, engine_of, rule, said
from tram.fleet.device.rows import Row
from tram.fleet.rules.engine import RuleEngine
from tram.fleet.rules.snapshot import freeze, read_snapshot, write_snapshot
from tram.registry.kernel.changes import DevicePut, OrgPut
from tram.runtime.errors import Broken

LIMIT = {"kind": "limit", "metric": "v", "high": 10, "dwell_s": 60}


def kept(folder: Path) -> Path:
    """A snapshot of an engine that has seen the first half of an alarm's dwell."""
    engine = engine_of(LIMIT)
    assert said(engine, engine.apply(1, block(NOW, (1, [Row("v", NOW, 12.0)])))) == []
    write_snapshot(folder, freeze(engine, 7))
    return folder / "rules.snapshot"


def test_what_had_begun_goes_on_after_a_restart(tmp_path: Path) -> None:
    kept(tmp_path)
    engine, epoch = read_snapshot(tmp_path)
    later = NOW + 61_000

    found = said(engine, engine.apply(2, block(later, (1, [Row("v", later, 12.0)]))))

    assert epoch == 7
    assert [(rule, kind) for rule, kind, *_ in found] == [(1, "RAISE")]


def test_the_first_devices_of_what_was_restarted_empty_are_judged(tmp_path: Path) -> None:
    write_snapshot(tmp_path, freeze(RuleEngine(), 7))
    engine, _ = read_snapshot(tmp_path)

    devices = [DevicePut(number, ORG, None, "energy", 1) for number in range(1, 2_001)]
    engine.set_facts(1, [OrgPut(ORG, [ORG]), *devices])
    engine.set_rules([rule(1, {**LIMIT, "dwell_s": 0})])
    found = said(engine, engine.apply(1, block(NOW, (2_000, [Row("v", NOW, 12.0)]))))

    assert [(rule, kind) for rule, kind, *_ in found] == [(1, "RAISE")]


def test_a_snapshot_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_snapshot(tmp_path) is None


@pytest.mark.parametrize("place", [0, 8, 30, -5, -1])
def test_one_changed_byte_is_found(tmp_path: Path, place: int) -> None:
    path = kept(tmp_path)
    content = bytearray(path.read_bytes())
    content[place] ^= 0x40
    path.write_bytes(content)

    with pytest.raises(Broken, match="rules") as broken:
        read_snapshot(tmp_path)

    assert broken.value.code == "rules.snapshot_damaged"


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_file_that_ends_early_is_found(tmp_path: Path, share: float) -> None:
    path = kept(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])

    with pytest.raises(Broken, match="rules"):
        read_snapshot(tmp_path)


def test_blocks_that_no_rule_asks_for_are_passed_over_as_if_judged() -> None:
    judged, passed = engine_of(), engine_of()
    for number, at in enumerate((NOW, NOW + 4_000, NOW + 9_000), 1):
        judged.apply(number, block(at, (1, [Row("v", at, 12.0)])))
        passed.pass_over(number, at)

    assert not passed.has_rules
    assert (passed.seq, passed.run_ms, passed.received_ms, passed.last_tick) == (
        judged.seq,
        judged.run_ms,
        judged.received_ms,
        judged.last_tick,
    )


def test_a_rule_that_is_not_taken_any_more_keeps_its_place_and_says_nothing(
    tmp_path: Path,
) -> None:
    engine = engine_of({**LIMIT, "metric": "w"}, {**LIMIT, "dwell_s": 0})
    engine.apply(1, block(NOW, (1, [Row("w", NOW, 12.0)])))
    frozen = freeze(engine, 7)
    encoded = msgspec.json.encode(frozen.header.rules[0]).replace(b'"high":10.0', b'"high":"very"')
    header = msgspec.structs.replace(
        frozen.header, rules=[msgspec.Raw(encoded), engine.binding.rules[1]]
    )
    write_snapshot(tmp_path, msgspec.structs.replace(frozen, header=header))

    read, _ = read_snapshot(tmp_path)
    at = NOW + 61_000
    found = read.apply(2, block(at, (1, [Row("w", at, 12.0), Row("v", at, 12.0)])))

    assert [(rule, kind) for rule, kind, *_ in said(read, found)] == [(2, "RAISE")]
    assert (read.binding.rules[0].id, read.binding.rules[0].version) == (1, 1)
    assert read.set_rules([read.binding.rules[1]]) == []
