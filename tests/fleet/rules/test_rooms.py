"""The kernels' lists: what does not fit is said all the same, and nothing is written beyond them."""

import subprocess
import sys

from tests.fleet.rules.making import NOW, block, engine_of, said
from tram.fleet.device.rows import Row
from tram.fleet.rules.engine import Capacities, RuleEngine
from tram.fleet.rules.kinds import AggregateWindow, Spec, Stuck

STUCK = Stuck(metric="x", for_s=1, tolerance=0.5)
WIDE = AggregateWindow(metric="x", high=1e300, window_s=31_000_000, least=4096)


WITH_ROOM = Capacities()
TINY = Capacities(out=1, dirty=1, episodes=1)


def late(*specs: Spec, rooms: Capacities = WITH_ROOM) -> tuple[RuleEngine, list[tuple]]:
    """What a reading brings that comes before 140 others, where a long window keeps them all."""
    engine = engine_of(*specs, rooms=rooms)
    for k in range(1, 141):
        at = NOW + 1_000 * k
        engine.apply(k, block(at, (1, [Row("x", at, 0.3 * k)])))
    found = engine.apply(200, block(NOW + 141_000, (1, [Row("x", NOW + 500, 0.05)])))
    return engine, said(engine, found)


def test_one_late_reading_for_hundreds_of_rules_says_what_it_says_for_each() -> None:
    _, alone = late(WIDE, STUCK)
    engine, together = late(WIDE, *[STUCK] * 399)

    assert len(alone) > 100
    for rule in (2, 3, 200, 400):
        assert [line[1:] for line in together if line[0] == rule] == [a[1:] for a in alone]
    assert len(together) == 399 * len(alone)
    at = NOW + 200_000
    assert len(engine.apply(201, block(at, (1, [Row("x", at, 99.0)])))) == 0


def test_a_late_reading_says_the_same_where_there_is_little_room() -> None:
    assert late(WIDE, *[STUCK] * 3, rooms=TINY)[1] == late(WIDE, *[STUCK] * 3)[1]


CHECKED = """
from tram.runtime import kernels
kernels.kernel_folder = lambda _package: None  # code with checks is for this process alone
import tests.conftest  # the same examples here
from tests.fleet.rules import test_engine_against_reference as reference, test_rooms
reference.test_the_engine_says_what_plain_code_says()
reference.test_it_says_the_same_where_every_list_of_the_kernels_is_too_short()
test_rooms.test_a_late_reading_says_the_same_where_there_is_little_room()
print("no index was wrong")
"""


def test_no_kernel_looks_beyond_its_arrays() -> None:
    """The same judgements by code that checks every index; in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", CHECKED],
        env={"NUMBA_BOUNDSCHECK": "1", "NUMBA_OPT": "0", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.stdout.strip() == "no index was wrong", done.stderr[-2_000:]
