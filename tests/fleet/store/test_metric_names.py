"""Metric keys that devices invent: bounded by device and organisation, and never one for another."""

import numpy as np
import pytest

from tram.fleet.store.state import series
from tram.fleet.store.state.series import CAPPED, SeriesIndex

RED, BLUE = 1, 2


def assign(series_index: SeriesIndex, org: int, device: int, *words: str) -> list[int]:
    """The series of one row of each metric."""
    count = len(words)
    device_column, org_column = np.full(count, device), np.full(count, org)
    return series_index.assign(device_column, np.arange(count), list(words), org_column).tolist()


@pytest.fixture
def series_index(monkeypatch: pytest.MonkeyPatch) -> SeriesIndex:
    monkeypatch.setattr(series, "NAMES_PER_ORG_MAX", 5)
    return SeriesIndex(None, keys_per_device=8)


def test_an_organisation_that_invents_keys_uses_up_its_own_part_only(
    series_index: SeriesIndex,
) -> None:
    names = [f"x{number}" for number in range(9)]

    assert assign(series_index, RED, 7, *names) == [0, 1, 2, 3, 4, *[CAPPED] * 4]
    assert assign(series_index, RED, 8, "x9", "x1") == [CAPPED, 5]
    assert assign(series_index, BLUE, 9, "x8", "moi", "x1") == [6, 7, 8]
    assert assign(series_index, RED, 8, "moi") == [9], "somebody else's key costs nothing"
    assert assign(series_index, RED, 7, *names) == [0, 1, 2, 3, 4, CAPPED, CAPPED, CAPPED, 10]


def test_a_device_has_no_more_keys_than_it_may(series_index: SeriesIndex) -> None:
    assign(series_index, BLUE, 9, *"abcde")
    found = assign(series_index, RED, 7, *"abcde", *"fghij")

    assert [number != CAPPED for number in found] == [True] * 8 + [False] * 2


def test_what_was_brought_up_counts_again_after_a_restart(series_index: SeriesIndex) -> None:
    lines = [(number, 7, f"x{number}") for number in range(5)]
    series_index._enter(lines)
    series_index.count_names(lines, {7: RED}.get)

    assert assign(series_index, RED, 8, "new", "x0") == [CAPPED, 5]
    assert assign(series_index, BLUE, 9, "new") == [6]


def test_a_device_number_that_no_key_holds_has_no_series(series_index: SeriesIndex) -> None:
    mixed = np.array([2**31 + 5, 5, 2**43])

    found = series_index.assign(mixed, np.zeros(3, np.int64), ["a"], np.full(3, RED))

    assert found.tolist() == [CAPPED, 0, CAPPED]
    assert assign(series_index, RED, 5, "a") == [0]
