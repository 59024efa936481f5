"""The verdict of a task on any day: whatever its state, it is one, and only time makes it worse."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.rollout.directives.tasks import TASK_STATES, verdict_of

DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
OPEN = [state for state in TASK_STATES if state not in {"done", "cancelled"}]


@given(st.sampled_from(TASK_STATES), DAYS, st.none() | DAYS, DAYS)
def test_every_task_has_one_verdict_and_days_over_only_when_late(state, since, deadline, day):
    verdict, over = verdict_of(state, since, deadline, day)
    assert verdict in {"cancelled", "done", "done-late", "no-deadline", "missed", "open"}
    assert (over > 0) == (verdict in {"done-late", "missed"})


@given(st.sampled_from(OPEN), DAYS, DAYS, st.integers(1, 400))
def test_an_open_task_is_missed_from_the_day_after_its_deadline(state, since, deadline, later):
    assert verdict_of(state, since, deadline, deadline) == ("open", 0)
    assert verdict_of(state, since, deadline, deadline + timedelta(later)) == ("missed", later)


@given(DAYS, DAYS, DAYS, DAYS)
def test_what_is_done_stays_as_it_was_done(done_on, deadline, day, other):
    assert verdict_of("done", done_on, deadline, day) == verdict_of(
        "done", done_on, deadline, other
    )
    over = max(0, (done_on - deadline).days)
    assert verdict_of("done", done_on, deadline, day) == ("done-late" if over else "done", over)


@pytest.mark.parametrize("deadline", [None, date(2025, 1, 1)])
def test_a_cancelled_task_is_never_late(deadline):
    assert verdict_of("cancelled", date(2025, 6, 1), deadline, date(2027, 1, 1)) == (
        "cancelled",
        0,
    )


def test_without_a_deadline_nothing_is_missed():
    for state in OPEN:
        assert verdict_of(state, date(2025, 1, 1), None, date(2099, 1, 1)) == ("no-deadline", 0)
    assert verdict_of("done", date(2025, 1, 1), None, date(2099, 1, 1)) == ("done", 0)
