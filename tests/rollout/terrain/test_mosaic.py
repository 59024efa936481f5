"""One grid in metres: places and cells, windows, samples, and what is kept on disk."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from tram.rollout.terrain.clutter import Cover
from tram.rollout.terrain.mosaic import (
    About,
    GeoPoint,
    Mosaic,
    open_mosaic,
    projection_for,
    write_mosaic,
)
from tram.rollout.terrain.profiles import line_between
from tram.runtime.errors import Refused

ROWS, COLUMNS, CELL_M = 40, 60, 50.0
EARTH = Geod(ellps="WGS84")


def about(**more) -> About:
    values = {
        "crs": projection_for(108.4),
        "west_m": 495_000.0,
        "north_m": 1_670_000.0,
        "cell_m": CELL_M,
        "rows": ROWS,
        "columns": COLUMNS,
        "is_surface": False,
        "synthetic": False,
        "sources": ["a.tif"],
        "voids_filled": 0,
        "voids_left": 0,
    }
    return About(**{**values, **more})


def plane() -> np.ndarray:
    """Ground that rises 1 m per cell to the east and 3 m per cell to the south."""
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS] + 0.5
    return (columns + 3 * rows).astype(np.float32)


def mosaic(ground=None, cover=None, **more) -> Mosaic:
    ground = plane() if ground is None else ground
    cover = np.zeros((ROWS, COLUMNS), np.uint8) if cover is None else cover
    return Mosaic(about(**more), ground, cover)


MADE = mosaic()
ACROSS, DOWN = st.floats(0, COLUMNS), st.floats(0, ROWS)


@given(ACROSS, DOWN)
def test_a_place_and_its_cell_are_one(column, row):
    place = MADE.place_of(column, row)
    assert MADE.grid_of(place) == pytest.approx((column, row), abs=1e-6)
    if 0.001 < column < COLUMNS - 0.001 and 0.001 < row < ROWS - 0.001:
        assert MADE.holds(place)


@given(ACROSS, DOWN, ACROSS, DOWN)
def test_a_step_is_as_long_as_on_the_earth(column, row, other_column, other_row):
    a, b = MADE.place_of(column, row), MADE.place_of(other_column, other_row)
    metres = CELL_M * np.hypot(column - other_column, row - other_row)
    assert EARTH.inv(a.lon, a.lat, b.lon, b.lat)[2] == pytest.approx(metres, rel=2e-4, abs=0.01)


def test_rows_run_south_and_columns_east():
    corner, middle = MADE.place_of(0, 0), MADE.place_of(30, 20)
    assert corner.lon < middle.lon
    assert corner.lat > middle.lat


@pytest.mark.parametrize(
    ("column", "row", "holds"),
    [
        (0.001, 0.001, True),
        (-0.001, 5, False),
        (5, -0.001, False),
        (COLUMNS - 0.001, ROWS - 0.001, True),
        (COLUMNS + 0.001, 5, False),
        (5, ROWS + 0.001, False),
    ],
)
def test_the_edge_of_the_mosaic(column, row, holds):
    assert MADE.holds(MADE.place_of(column, row)) is holds


@given(st.floats(0.5, COLUMNS - 0.5), st.floats(0.5, ROWS - 0.5))
def test_a_slope_is_read_exactly_between_the_cells(column, row):
    ground, clutter, _ = MADE.sample(np.array([column]), np.array([row]))
    assert ground[0] == pytest.approx(column + 3 * row, abs=1e-4)
    assert clutter[0] == 0


def _patchwork() -> Mosaic:
    chance = np.random.default_rng(1)
    cover = chance.choice([Cover.BUILT, Cover.TREES, Cover.CROPS], (ROWS, COLUMNS))
    return mosaic(chance.random((ROWS, COLUMNS), np.float32), cover.astype(np.uint8))


PATCHWORK = _patchwork()
HEIGHTS = {Cover.BUILT: 10, Cover.TREES: 15, Cover.CROPS: 0}


@given(st.integers(0, COLUMNS - 1), st.integers(0, ROWS - 1))
def test_the_middle_of_a_cell_is_the_cell(column, row):
    ground, clutter, found = PATCHWORK.sample(np.array([column + 0.5]), np.array([row + 0.5]))
    assert ground[0] == pytest.approx(PATCHWORK.ground[row, column])
    assert found[0] == PATCHWORK.cover[row, column]
    assert clutter[0] == HEIGHTS[Cover(int(found[0]))]


def test_classes_are_never_between_two():
    cover = np.full((ROWS, COLUMNS), Cover.CROPS, np.uint8)
    cover[:, 30:] = Cover.BUILT
    columns = np.linspace(29, 31, 21)
    _, clutter, found = mosaic(cover=cover).sample(columns, np.full(21, 20.0))
    assert set(found) == {Cover.CROPS, Cover.BUILT}
    assert (found == Cover.BUILT).tolist() == (columns >= 30).tolist()
    assert clutter == pytest.approx(np.clip(10 * (columns - 29.5), 0, 10)), "a ramp of one cell"


def test_beyond_the_edge_nothing_is_known():
    columns = np.array([-0.1, 5, 5, COLUMNS + 0.1, 5])
    rows = np.array([5, -0.1, ROWS + 0.1, 5, 5])
    assert np.isnan(MADE.sample(columns, rows)[0]).tolist() == [True] * 4 + [False]


def test_unknown_ground_is_unknown_beside_it_too():
    ground = plane()
    ground[10, 10] = np.nan
    columns = np.array([10.5, 11.2, 11.6])
    found = mosaic(ground).sample(columns, np.full(3, 10.5))[0]
    assert np.isnan(found).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("column", "row"), [(30.2, 20.7), (0.5, 0.5), (59.9, 39.9), (-1.0, 20.0), (200.0, 200.0)]
)
def test_a_window_is_the_mosaic_cut_out(column, row):
    cut = MADE.window(column, row, 300.0)
    reach = 300 / CELL_M
    assert cut.column + reach <= column <= cut.column + cut.ground.shape[1] - reach
    assert cut.row + reach <= row <= cut.row + cut.ground.shape[0] - reach
    rows, columns = np.indices(cut.ground.shape)
    rows, columns = rows + cut.row, columns + cut.column
    inside = (rows >= 0) & (rows < ROWS) & (columns >= 0) & (columns < COLUMNS)
    assert np.array_equal(np.isfinite(cut.ground), inside)
    assert np.array_equal(cut.ground[inside], MADE.ground[rows[inside], columns[inside]])
    assert not cut.cover[~inside].any()


def test_a_window_is_a_copy():
    cut = MADE.window(30, 20, 100)
    cut.ground[:] = -1
    assert MADE.ground.min() > 0


@pytest.mark.parametrize(
    ("lon", "middle"), [(108.4, "108.5"), (108.37, "108.25"), (-0.1, "0"), (-70.3, "-70.25")]
)
def test_a_projection_stands_on_a_quarter_of_a_degree(lon, middle):
    assert f"+lon_0={middle} " in projection_for(lon).replace("-0 ", "0 ")


def test_what_is_written_is_opened_and_known_again(tmp_path):
    cover = np.full((ROWS, COLUMNS), Cover.WATER, np.uint8)
    write_mosaic(tmp_path, about(), plane(), cover)
    first = open_mosaic(tmp_path)
    assert first.about == about()
    assert np.array_equal(first.ground, plane())
    assert np.array_equal(first.cover, cover)
    assert open_mosaic(tmp_path).identity == first.identity
    write_mosaic(tmp_path, about(), plane() + 1, cover)
    assert open_mosaic(tmp_path).identity != first.identity, "losses are not those of old ground"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": 2}, "has format 2, this program reads 1"),
        ({"rows": "many"}, "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_description_of_another_kind_is_refused(tmp_path, change, sentence):
    write_mosaic(tmp_path, about(), plane(), np.zeros((ROWS, COLUMNS), np.uint8))
    file = tmp_path / "mosaic.json"
    words = "{" if change is None else json.dumps(json.loads(file.read_bytes()) | change)
    file.write_text(words)
    with pytest.raises(Refused, match=sentence) as caught:
        open_mosaic(tmp_path)
    assert caught.value.code == "terrain.format"
    assert "mport" in caught.value.hint


def test_while_a_mosaic_is_written_there_is_none(tmp_path):
    write_mosaic(tmp_path, about(), plane(), np.zeros((ROWS, COLUMNS), np.uint8))
    (tmp_path / "cover.npy").unlink()
    (tmp_path / "cover.npy").mkdir()  # the disk gives out, say
    with pytest.raises(IsADirectoryError):
        write_mosaic(tmp_path, about(), plane(), np.zeros((ROWS, COLUMNS), np.uint8))
    with pytest.raises(Refused, match="No terrain has been imported"):
        open_mosaic(tmp_path)


@given(ACROSS, DOWN, ACROSS, DOWN)
def test_a_line_is_the_same_from_both_ends(column, row, other_column, other_row):
    inner = [
        (min(max(c, 1), COLUMNS - 1), min(max(r, 1), ROWS - 1))
        for c, r in ((column, row), (other_column, other_row))
    ]
    a, b = (MADE.place_of(*at) for at in inner)
    there, back = line_between(MADE, a, b), line_between(MADE, b, a)
    assert there.ground_m == pytest.approx(back.ground_m[::-1], abs=1e-3)
    assert there.distance_km[0] == 0
    assert there.distance_km == pytest.approx(back.distance_km[-1] - back.distance_km[::-1])
    steps_m = 1000 * np.diff(there.distance_km)
    assert np.ptp(steps_m) < 1e-6
    assert len(steps_m) >= 2
    if len(steps_m) > 2:
        assert steps_m[0] == pytest.approx(CELL_M, rel=0.25)


@pytest.mark.parametrize(("cells", "points"), [(20, 21), (2, 3), (0.4, 3)])
def test_a_line_has_a_point_about_every_cell(cells, points):
    line = line_between(MADE, MADE.place_of(10, 20), MADE.place_of(10 + cells, 20))
    assert len(line.distance_km) == points
    assert line.distance_km[-1] == pytest.approx(cells * CELL_M / 1000, abs=1e-6)


def test_only_water_at_the_level_of_the_sea_is_sea():
    ground = np.zeros((ROWS, COLUMNS), np.float32)
    ground[:, 40:] = 12
    cover = np.full((ROWS, COLUMNS), Cover.WATER, np.uint8)
    cover[:, :20] = Cover.CROPS
    wet = mosaic(ground, cover)
    line = line_between(wet, wet.place_of(5.3, 20.5), wet.place_of(55.3, 20.5))
    columns = 5.3 + line.distance_km * 1000 / CELL_M
    assert line.is_sea.tolist() == [20 <= round(c, 6) < 40 for c in columns], "a lake lies higher"


@pytest.mark.parametrize(("first", "name"), [(True, "A"), (False, "B")])
def test_an_end_outside_is_named(first, name):
    inside, outside = MADE.place_of(5, 5), GeoPoint(100.0, 10.0)
    ends = (outside, inside) if first else (inside, outside)
    with pytest.raises(
        Refused, match=rf"^{name} \(10\.00000, 100\.00000\) lies outside"
    ) as caught:
        line_between(MADE, *ends)
    assert "import the terrain around it" in caught.value.hint
