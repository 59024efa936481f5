"""What a supervisor makes of a part, and what strangers are told of it."""

from pathlib import Path

from tram.app.supervision.part_watch import PartWatch
from tram.runtime.clock import ManualClock
from tram.runtime.ops_port import PartProgress
from tram.runtime.watch.loops import HUNG, STUCK, WAITS, WELL, Heartbeat
from tram.runtime.watch.part_states import (
    NOT_WELL,
    RESTARTS,
    STARTING,
    PartStatesFile,
    public_sentence,
)

SECOND = 1_000
WELL_SEEN = PartProgress(problem=None, loops=[])


def a_watch(clock: ManualClock) -> PartWatch:
    watch = PartWatch(clock)
    watch.started()
    watch.saw(WELL_SEEN)
    return watch


def test_a_part_that_answers_is_well_and_one_start_again_is_no_news() -> None:
    clock = ManualClock(0)
    watch = a_watch(clock)
    assert watch.state().state == WELL

    watch.started()

    assert (watch.state().state, watch.state().sentence) == (STARTING, "")
    clock.advance(16 * SECOND)
    assert watch.state().sentence == "starting for 16 s: it does not answer yet"
    watch.saw(WELL_SEEN)
    assert watch.state().state == WELL
    assert watch.state().restarts == 1


def test_three_starts_again_in_ten_minutes_are_told_though_it_says_it_is_well() -> None:
    clock = ManualClock(0)
    watch = a_watch(clock)

    for _ in range(3):
        clock.advance(SECOND)
        watch.started()
        watch.saw(WELL_SEEN)

    assert watch.state().state == RESTARTS
    assert watch.state().sentence == "restarts again and again: 3 times in 10 minutes"
    clock.advance(601 * SECOND)
    watch.saw(WELL_SEEN)
    assert watch.state().state == WELL


def test_a_mute_part_hangs_and_is_ended_after_a_minute_but_not_before_it_ever_spoke() -> None:
    clock = ManualClock(0)
    watch = a_watch(clock)
    clock.advance(11 * SECOND)
    watch.saw(None)
    assert watch.state().state == HUNG
    assert watch.must_end() is None
    clock.advance(50 * SECOND)
    assert watch.must_end() == "hung: it has not answered for 61 s"

    watch.started()
    clock.advance(600 * SECOND)
    watch.saw(None)

    assert watch.must_end() is None  # it waits for what it needs to start
    assert watch.state().state == STARTING


def test_a_part_that_falls_mute_while_it_gets_up_is_starting_until_it_is_mute_for_a_minute() -> (
    None
):
    clock = ManualClock(0)
    watch = PartWatch(clock)
    watch.started()
    watch.saw(PartProgress(problem="rules are read", loops=[]))

    clock.advance(12 * SECOND)

    assert (watch.state().state, watch.state().sentence) == (STARTING, "")
    clock.advance(4 * SECOND)
    assert watch.state().sentence == "starting for 16 s: rules are read"
    clock.advance(50 * SECOND)
    assert watch.must_end() == "hung: it has not answered for 66 s"


def test_a_loop_that_hangs_ends_the_part_unless_it_waits_for_something() -> None:
    clock = ManualClock(0)
    watch = a_watch(clock)
    heartbeat = Heartbeat("notices", 10, clock)
    clock.advance(11 * SECOND)
    seen = PartProgress(problem=None, loops=[heartbeat.judged()])

    watch.saw(seen)
    assert watch.state().state == HUNG
    assert watch.must_end() is None  # perhaps only this once
    watch.saw(PartProgress(problem="the disk is full", loops=seen.loops))
    assert watch.must_end() is None
    watch.saw(seen)

    assert watch.must_end() == "hung: notices has said nothing for 11 s"


def test_stuck_and_waiting_are_told_apart() -> None:
    clock = ManualClock(0)
    watch = a_watch(clock)
    heartbeat = Heartbeat("rules judged", 120, clock)
    heartbeat.know(9)
    clock.advance(61 * SECOND)

    watch.saw(PartProgress(problem=None, loops=[heartbeat.judged()]))
    assert watch.state().state == STUCK
    heartbeat.wait("Alarms wait in the log: the registry does not answer")
    watch.saw(PartProgress(problem=None, loops=[heartbeat.judged()]))

    assert watch.state().state == WAITS


def test_strangers_learn_the_kind_only_and_an_old_file_is_news(tmp_path: Path) -> None:
    clock = ManualClock(0)
    file = PartStatesFile(tmp_path / "standing.json", clock)
    assert file.problems() == []
    watch = a_watch(clock)
    for _ in range(3):
        watch.started()

    file.write({"alarms": watch.state(), "web": a_watch(clock).state()})

    assert [name for name, _, _ in file.problems()] == ["alarms"]
    said = public_sentence(file.problems())
    assert said == f"Not well: {NOT_WELL[RESTARTS]}."
    assert "alarms" not in said
    clock.advance(31 * SECOND)
    assert [name for name, _, _ in file.problems()] == ["supervisor"]
    file.remove()
    assert file.problems() == []
