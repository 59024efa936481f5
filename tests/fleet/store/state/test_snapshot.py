"""What the store knows of its series is read as written, or not at all: then the tables are asked."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tram.fleet.store.engine.checkpoint import Checkpoint
from tram.fleet.store.state.snapshot import Snapshot, read_snapshot, write_snapshot

FILE = "series.arrow"
KEPT = Snapshot(
    epoch=100,
    seq=7,
    taken_ms=1_795_000_000_000,
    arrays={
        "latest.f": np.array([1.5, np.inf, -0.0]),
        "latest.at_ms": np.array([1, 2**62, -1]),
        "gaps.is_open": np.array([True, False, True]),
    },
    texts={1: "mở", 2: ""},
)
THERE = Checkpoint(epoch=100, seq=9)


def test_it_is_read_as_written_with_each_owners_columns(tmp_path: Path) -> None:
    write_snapshot(tmp_path, KEPT)

    found = read_snapshot(tmp_path, THERE, 3)

    assert found is not None
    assert (found[:3], found.texts) == (KEPT[:3], KEPT.texts)
    assert {name: (a.dtype, a.tolist()) for name, a in found.arrays.items()} == {
        name: (a.dtype, a.tolist()) for name, a in KEPT.arrays.items()
    }
    assert list(found.arrays_of("latest")) == ["f", "at_ms"]
    for array in found.arrays.values():
        array[0] = 0  # the store goes on in these arrays


OTHERS = {
    "no file": (None, THERE, 3),
    "of another log": (KEPT, Checkpoint(epoch=101, seq=9), 3),
    "ahead of the tables": (KEPT, Checkpoint(epoch=100, seq=6), 3),
    "of more series than there are": (KEPT, THERE, 2),
}


@pytest.mark.parametrize("case", OTHERS)
def test_what_does_not_fit_the_tables_is_not_used(case: str, tmp_path: Path) -> None:
    kept, checkpoint, series = OTHERS[case]
    if kept is not None:
        write_snapshot(tmp_path, kept)

    assert read_snapshot(tmp_path, checkpoint, series) is None


def test_a_snapshot_of_the_very_place_and_of_fewer_series_is_used(tmp_path: Path) -> None:
    write_snapshot(tmp_path, KEPT)

    assert read_snapshot(tmp_path, Checkpoint(epoch=100, seq=7), 5) is not None


@settings(max_examples=30)
@given(st.floats(0, 1, exclude_max=True))
def test_a_file_that_ends_early_is_not_used(share: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_snapshot(Path(folder), KEPT)
        path = Path(folder) / FILE
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content))])

        assert read_snapshot(Path(folder), THERE, 3) is None
