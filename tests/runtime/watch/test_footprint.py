"""What a dead process worked on is known to the next one."""

from pathlib import Path
from typing import NamedTuple

from tram.runtime.watch.footprint import DEATHS_MAX, Footprint


class Record(NamedTuple):
    seq: int


def test_deaths_narrow_down_to_one_record_which_is_then_examined(tmp_path: Path) -> None:
    path = tmp_path / "store.footprint"
    Footprint(path, 100).step(0, 5, 20)  # and no word more: the process was killed

    second = Footprint(path, 100)
    assert (second.deaths, second.first, second.last) == (1, 5, 20)
    assert [[r.seq for r in part] for part in second.parted([Record(n) for n in (3, 4, 5, 6, 21)])] == [
        [3, 4], [5], [6], [21]
    ]  # fmt: skip
    second.step(1, 7, 7)
    third = Footprint(path, 100)
    assert third.deaths == 2
    assert not third.must_examine(7)
    third.step(1, 7, 7)
    fourth = Footprint(path, 100)

    assert fourth.deaths == DEATHS_MAX
    assert fourth.must_examine(7)
    assert not fourth.must_examine(8)
    fourth.absolve()
    assert Footprint(path, 100).deaths == 0


def test_work_that_ended_another_place_and_another_log_are_no_suspects(tmp_path: Path) -> None:
    path = tmp_path / "store.footprint"
    first = Footprint(path, 100)
    first.step(0, 5, 5)
    first.lift(0)
    assert Footprint(path, 100).deaths == 0

    Footprint(path, 100).step(0, 5, 5)
    Footprint(path, 100).step(0, 9, 9)
    assert (Footprint(path, 100).deaths, Footprint(path, 100).first) == (1, 9)
    Footprint(path, 100).step(0, 9, 9)
    assert Footprint(path, 101).deaths == 0


def test_a_folder_that_takes_no_file_stops_nobody(tmp_path: Path) -> None:
    Footprint(tmp_path / "none" / "x.footprint", 1).step(0, 1, 1)
