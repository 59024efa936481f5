"""Hours that no rollup has seen are noted once and taken once, when they have ended."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tram.domain.days import HOUR_MS
from tram.fleet.store.history.dirty_buckets import Dirty, hours_of, pair_keys, series_of

series = st.integers(0, 2**31 - 1) | st.integers(0, 3)
hours = st.integers(0, 500_000) | st.integers(490_000, 490_004)
within = st.integers(0, HOUR_MS - 1)
marks = st.tuples(st.just("mark"), st.lists(st.tuples(series, hours, within), max_size=8))
takes = st.tuples(st.just("take"), st.tuples(hours, within))


@given(st.lists(marks | takes, max_size=80))
def test_it_is_a_set_of_hours_from_which_those_that_ended_are_taken_in_order(steps) -> None:
    dirty, expected = Dirty(), set()
    for what, given_ in steps:
        if what == "mark":
            numbers = np.array([s for s, _, _ in given_], np.int64)
            times = np.array([h * HOUR_MS + ms for _, h, ms in given_], np.int64)
            dirty.mark(numbers, times)
            expected |= {(h, s) for s, h, _ in given_}
        else:
            hour, ms = given_
            taken = dirty.take(hour * HOUR_MS + ms)
            ended = {(h, s) for h, s in expected if (h + 1) * HOUR_MS <= hour * HOUR_MS + ms}
            found = list(zip(hours_of(taken).tolist(), series_of(taken).tolist(), strict=True))
            assert found == sorted(ended)
            expected -= ended
        assert len(dirty) == len(expected)


def test_what_could_not_be_rolled_up_is_noted_again() -> None:
    dirty = Dirty()
    keys = pair_keys(np.array([3, 5]), np.array([0, HOUR_MS]))
    dirty.put(keys)

    taken = dirty.take(10 * HOUR_MS)
    dirty.put(taken[1:])

    assert taken.tolist() == keys.tolist()
    assert dirty.take(10 * HOUR_MS).tolist() == keys[1:].tolist()
