"""What is judged and what is only heard: by the value's kind, the instrument's state and the clock."""

import math

import pytest

from tests.fleet.rules.making import NOW, block, engine_of, said
from tram.domain.reading import Quality, Status
from tram.fleet.device.rows import Row

RULES = (
    {"kind": "limit", "metric": "v", "high": 0.5},
    {"kind": "missing", "metric": "v", "for_s": 60},
)
SENT = NOW + 25_000
RECEIVED = NOW + 26_000
DAYS_MS = 400 * 86_400_000

JUDGED = {
    "a float": (Row("v", SENT, 0.6), SENT),
    "a whole number": (Row("v", SENT, 2**63 - 1), SENT),
    "a truth": (Row("v", SENT, True), SENT),
    "timed by the server": (Row("v", SENT, 0.6, 0, Quality.SERVER_TIMED), SENT),
    "by a clock far behind": (Row("v", SENT - DAYS_MS, 0.6, 0, Quality.CLOCK_FAR_OFF), RECEIVED),
    "by a clock far ahead": (Row("v", SENT + DAYS_MS, 0.6, 0, Quality.CLOCK_FAR_OFF), RECEIVED),
    "a text": (Row("v", SENT, "0.6"), None),
    "no number": (Row("v", SENT, math.nan), None),
    "infinite": (Row("v", SENT, math.inf), None),
    "calibrating": (Row("v", SENT, 0.6, Status.CALIBRATING), None),
    "out of order": (Row("v", SENT, 0.6, Status.FAULT), None),
    "good": (Row("v", SENT, 0.4), None),
    "false": (Row("v", SENT, False), None),
    "at the limit": (Row("v", SENT, 0.5), None),
}


@pytest.mark.parametrize("case", JUDGED)
def test_a_reading_is_judged_or_only_heard(case: str) -> None:
    row, raised = JUDGED[case]
    engine = engine_of(*RULES, devices=1)
    engine.apply(1, block(NOW, (1, [Row("v", NOW, 0.0)])))

    found = said(engine, engine.apply(2, block(RECEIVED, (1, [row]))))
    found += said(engine, engine.apply(3, block(RECEIVED + 29_000)))
    found += said(engine, engine.apply(4, block(RECEIVED + 58_000)))

    expected = [] if raised is None else [(1, "RAISE", raised, raised, False)]
    assert found == expected, "it was heard: nothing is missing yet"
    at = RECEIVED + 61_000
    assert said(engine, engine.apply(5, block(at))) == [(2, "RAISE", at, at, False)]


def test_a_week_without_a_gateway_makes_nobody_silent_and_thirty_seconds_count() -> None:
    engine = engine_of(RULES[1], devices=1)
    engine.apply(1, block(NOW, (1, [Row("v", NOW, 0.0)])))
    received = NOW
    for seq in (2, 3):
        received += 7 * 86_400_000
        assert said(engine, engine.apply(seq, block(received))) == []

    at = received + 1_000
    assert [line[:3] for line in said(engine, engine.apply(4, block(at)))] == [
        (2 - 1, "RAISE", at)
    ]


def test_blocks_of_two_gateways_whose_clocks_differ_let_no_time_pass_twice() -> None:
    engine = engine_of(RULES[1], devices=1)
    engine.apply(1, block(NOW, (1, [Row("v", NOW, 0.0)])))
    for seq in range(2, 40):
        ahead = NOW + 20_000 + seq * 1_000
        assert said(engine, engine.apply(seq, block(ahead if seq % 2 else ahead - 15_000))) == []

    assert engine.run_ms == 20_000 + 39_000
