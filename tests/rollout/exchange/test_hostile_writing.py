"""A list of stations with whatever was kept before: every format is written whole and read by others."""

import csv
import io
import json
from datetime import date

import numpy as np
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from openpyxl import load_workbook

from tests.registry.world import refused
from tests.rollout.exchange.test_round_trip import as_station, images
from tram.domain.cells import SHEET_ROWS_MAX
from tram.domain.text import visible
from tram.rollout.inventory.exchange.faults import RowFault
from tram.rollout.inventory.exchange.files import writing
from tram.rollout.inventory.exchange.files.writing import FORMATS, export, failed_rows
from tram.rollout.inventory.exchange.sheet import Sheet, SheetRow
from tram.rollout.inventory.stations.views import Life, StationImage

texts = st.text(st.characters(exclude_categories=()), max_size=30)
OLD = "=cũ\x00\x01\x1f\u202e\ufeff\r\nhai\ud800"
SHOWN = "=cũ␀␁␟[U+202E][U+FEFF]"


@settings(max_examples=10)
@given(images, texts, texts)
@pytest.mark.parametrize("form", FORMATS)
def test_any_text_of_a_station_leaves_in_every_format(
    form: str, wanted: list, name: str, note: str
) -> None:
    stations = [replace(as_station(image), name=name, note=note) for image in wanted]

    names = _names_in(form, export(stations, form, locale="en"))

    assert len(names) == sum(max(1, len(station.sectors)) for station in stations)
    for found in names:
        assert visible(found, "\n\t\r") == found


def _names_in(form: str, data: bytes) -> list[str]:
    """Read the column of names as another program does."""
    if form == "csv":
        lines = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        return [line["Name"] for line in lines]
    if form == "geojson":
        return [item["properties"]["name"] for item in json.loads(data)["features"]]
    if form == "gpkg":
        meta, _, _, fields = pyogrio.raw.read(io.BytesIO(data))
        return list(np.asarray(fields[list(meta["fields"]).index("name")]))
    rows = list(load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))
    at = next(number for number, row in enumerate(rows) if "Name" in row)
    return [row[rows[at].index("Name")] or "" for row in rows[at + 1 :]]


@pytest.mark.parametrize("form", FORMATS)
def test_what_a_format_cannot_hold_is_named(form: str) -> None:
    image = StationImage(
        operator=1, technology="5G", code="Q1", lon=108.8, lat=15.1,
        life=(Life(date(2024, 5, 1), "on-air"),),
    )  # fmt: skip
    (name,) = _names_in(form, export([replace(as_station(image), name=OLD)], form, locale="en"))

    assert name.removeprefix("'").startswith(SHOWN)
    assert name.endswith("hai[U+D800]")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_failed_rows_go_back_whatever_stood_in_them(form: str) -> None:
    sheet = Sheet(
        format="csv",
        headers=("=cmd()", "b\x01"),
        rows=(SheetRow(2, (OLD, 2**80)), SheetRow(3, (float("nan"), "x" * 40_000))),
    )
    faults = [RowFault(row=row, column="b", value="", reason="missing") for row in (2, 3)]

    data = failed_rows(sheet, faults, form)

    if form == "csv":
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    else:
        rows = list(load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))
        assert load_workbook(io.BytesIO(data)).active["A1"].data_type == "s"
    assert len(rows) == 3
    assert rows[0][1] == "b␁"
    assert str(rows[1][0]).removeprefix("'").startswith(SHOWN)
    assert str(rows[1][1]) == str(2**80)
    assert rows[2][1].endswith("[cut: 40000 characters]")


def test_more_stations_than_a_sheet_holds_are_refused_and_not_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing, "SHEET_ROWS_MAX", 3)

    with refused("export.too_long") as told:
        writing._xlsx(["a"], [[1], [2]])

    assert told.value.hint
    assert SHEET_ROWS_MAX == 1_048_576
