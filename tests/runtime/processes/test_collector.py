"""The collector of cycles: few objects at a time where people wait, and nothing of what lives on."""

import gc
from collections.abc import Iterator

import pytest

from tram.runtime.processes.garbage_collector import collect_in_small_steps, collect_seldom


class Knot:
    """Refers to itself, as a page's leftovers do."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def steps() -> Iterator[list[int]]:
    """How many objects each step of the collector freed."""
    threshold, freed = gc.get_threshold(), []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop":
            freed.append(info["collected"])

    gc.callbacks.append(note)
    yield freed
    gc.callbacks.remove(note)
    gc.unfreeze()
    gc.set_threshold(*threshold)


def leave_knots(count: int) -> None:
    for _ in range(count):
        Knot()


def test_small_steps_free_few_objects_at_a_time(steps: list[int]) -> None:
    collect_in_small_steps()
    steps.clear()

    leave_knots(20_000)

    assert len(steps) >= 15
    assert max(steps) < 5_000


def test_seldom_steps_leave_a_stream_alone(steps: list[int]) -> None:
    collect_seldom()
    steps.clear()

    leave_knots(20_000)

    assert len(steps) <= 1
