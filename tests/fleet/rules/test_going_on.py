"""An engine that was put on disk and read again goes on as one that never stopped; tables as dictionaries."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fleet.rules.making import NOW, block, engine_of, said
from tests.fleet.rules.test_engine_against_reference import MINUTE, blocks, chosen_rules
from tram.fleet.device.rows import Row
from tram.fleet.rules.engine import RuleEngine
from tram.fleet.rules.snapshot import freeze, read_snapshot, write_snapshot
from tram.fleet.rules.table import ABSENT, KeyTable


def restarted(engine: RuleEngine) -> RuleEngine:
    with tempfile.TemporaryDirectory() as folder:
        write_snapshot(Path(folder), freeze(engine, 7))
        found = read_snapshot(Path(folder))
    assert found is not None
    return found[0]


@given(chosen_rules, blocks, st.sets(st.integers(1, 25), max_size=3))
@settings(max_examples=25)
def test_restarts_change_nothing_of_what_is_said(chosen, stream, restarts: set[int]) -> None:
    specs = [{k: v for k, v in spec.items() if k != "python"} for spec in chosen]
    going, stopping = engine_of(*specs, devices=2), engine_of(*specs, devices=2)
    received = NOW
    for seq, (later, sent) in enumerate(stream, 1):
        received += later
        rows = [
            (1 + place % 2, [Row(m, NOW + step * MINUTE, "x" if v is None else v) for m, step, v in message])
            for place, message in enumerate(sent)
        ]  # fmt: skip
        expected = said(going, going.apply(seq, block(received, *rows)))
        assert said(stopping, stopping.apply(seq, block(received, *rows))) == expected
        if seq in restarts:
            stopping = restarted(stopping)
            assert (stopping.seq, stopping.run_ms) == (going.seq, going.run_ms)


keys = st.integers(-(2**63) + 1, 2**63 - 1) | st.integers(0, 40)


@given(st.lists(st.dictionaries(keys, st.integers(0, 2**40), max_size=12), max_size=6))
@example([{number * 4099: number for number in range(n)} for n in (3, 900, 5_000)])
def test_a_table_of_keys_holds_what_a_dictionary_holds(puts: list[dict[int, int]]) -> None:
    table, expected = KeyTable(), {}
    for put in puts:
        table.put(np.array(list(put), np.int64), np.array(list(put.values()), np.int64))
        expected |= put
        wanted = [*expected, 41, -(2**62)]
        found = table.find(np.array(wanted, np.int64)).tolist()
        assert found == [expected.get(key, ABSENT) for key in wanted]

    held, values = table.items()
    assert dict(zip(held.tolist(), values.tolist(), strict=True)) == expected
