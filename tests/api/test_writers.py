"""Whatever was kept, every file is written to its end and read back by another reader."""

import csv
import io
import json
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar import Litestar
from openpyxl import load_workbook
from sqlalchemy import update

from tests.api import apps
from tests.api.conftest import LiveFeed, services_of
from tests.api.province import Client, Province, log_in, open_client
from tests.api.store_process import FAR_MS, OLD_TEXT
from tram.api.http.session import API
from tram.domain.cells import FORMULA_STARTS
from tram.domain.text import visible
from tram.fleet.exports.files import file_format
from tram.fleet.store.serving.client import StoreClient
from tram.registry.kernel.tables import devices
from tram.registry.registry import Registry
from tram.runtime.clock import ManualClock
from tram.web.app import DeviceAddresses

FAR = {"start_ms": FAR_MS - 10, "end_ms": FAR_MS + 10}
_64 = st.integers(-(2**63), 2**63 - 1)
texts = st.none() | st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
readings = st.lists(
    st.fixed_dictionaries({
        "observed_at_ms": _64, "device": st.integers(0, 2**63 - 1),
        "metric": texts.map(lambda text: text or ""), "number": st.none() | st.floats(),
        "text": texts, "status": st.integers(0, 255), "quality": st.integers(0, 255),
        "revision": st.integers(0, 2**32 - 1), "received_at_ms": _64,
    }),
    min_size=1, max_size=6,
)  # fmt: skip
SCHEMA = pa.schema({
    "observed_at_ms": pa.int64(), "device": pa.int64(), "metric": pa.utf8(), "number": pa.float64(),
    "text": pa.utf8(), "status": pa.uint8(), "quality": pa.uint8(), "revision": pa.uint32(),
    "received_at_ms": pa.int64(),
})  # fmt: skip


def written(kind: str, rows: list[dict]) -> bytes:
    """A file of two batches."""
    batches = pa.Table.from_pylist(rows, SCHEMA).to_batches(max_chunksize=3)
    return b"".join(file_format(kind).write(iter(batches)))


@settings(max_examples=40)
@given(readings)
def test_any_reading_comes_back_from_every_kind_of_file(rows: list[dict]) -> None:
    text, columns, book = [written(kind, rows) for kind in ("csv", "parquet", "xlsx")]

    lines = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""), strict=True))
    table = pq.read_table(io.BytesIO(columns)).to_pylist()
    cells = list(load_workbook(io.BytesIO(book))["readings"].iter_rows(values_only=True))
    assert len(lines) == len(table) == len(cells) - 1 == len(rows)
    for wanted, line, kept, cell in zip(rows, lines, table, cells[1:], strict=True):
        assert repr(sorted(kept.items())) == repr(sorted(wanted.items()))
        for shown in (line["text"], line["metric"], str(cell[2] or ""), str(cell[4] or "")):
            assert visible(shown, "\n\t") == shown
            assert not shown.startswith(FORMULA_STARTS) or shown[0] in "+-"
        assert line["time"]
        number = wanted["number"]
        if number is not None and math.isfinite(number) and abs(number) < 1e15:
            assert float(line["number"]) == number
            assert cell[3] == pytest.approx(number, rel=1e-14)


async def test_every_kind_of_file_holds_what_was_kept_before_it_was_refused(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.b.org))

    text, columns, book = [
        (await client.get(f"{API}/exports/{kind}", params=FAR)).content
        for kind in ("csv", "parquet", "xlsx")
    ]

    sheet = list(load_workbook(io.BytesIO(book))["readings"].iter_rows(values_only=True))
    far = [row for row in sheet if row[2] == "far"]
    assert far
    assert {(row[0], row[4]) for row in far} == {(str(FAR_MS), "LEAK-B␁[U+202E]\nold␀")}
    assert str(FAR_MS) in text.decode()
    assert f"LEAK-B{OLD_TEXT}" in pq.read_table(io.BytesIO(columns))["text"].to_pylist()


@pytest.fixture
def site(
    registry: Registry, store: StoreClient, live_feed: LiveFeed, clock: ManualClock, tmp_path
) -> Litestar:
    """The whole web application over the real store."""
    services = services_of(registry, store, live_feed, clock, tmp_path / "files")
    return apps.site(services, "ops-key", DeviceAddresses(18830, 18081, "iot.example"))


async def test_pages_of_a_device_with_an_impossible_time_and_text_are_shown(
    site: Litestar, province: Province
) -> None:
    device = province.b.devices[0].id
    async with open_client(site) as client:
        client.headers["accept"] = "text/html"
        await log_in(client, await province.person("enterprise", province.b.org))
        for tab in ("", "/chart", "/messages", "/gaps", "/corrections", "/access", "/alarms"):
            page = await client.get(f"/devices/{device}{tab}")

            assert page.status_code == 200, tab
            for sign in "\x00\x01\u202e":
                assert sign not in page.text, tab
            if tab == "":
                assert f"{FAR_MS} ms" in page.text
                assert "LEAK-B␁[U+202E]" in page.text


async def test_lists_as_files_name_what_an_old_name_holds(
    client: Client, registry: Registry, province: Province
) -> None:
    await log_in(client, await province.person("system-admin", province.a.org))
    device = province.a.devices[0].id
    async with registry.database.write() as connection:
        await connection.execute(
            update(devices).where(devices.c.id == device).values(name="=cũ\x01\u202e\r\nhai")
        )

    as_csv = (await client.get(f"{API}/devices.csv")).text.removeprefix("\ufeff")
    as_xlsx = (await client.get(f"{API}/devices.xlsx")).content
    as_json = (await client.get(f"{API}/devices.json")).content

    shown = "'=cũ␁[U+202E]\nhai"
    assert shown in {row["name"] for row in csv.DictReader(io.StringIO(as_csv, newline=""))}
    sheet = load_workbook(io.BytesIO(as_xlsx)).active
    assert shown in {cell for row in sheet.iter_rows(values_only=True) for cell in row}
    assert "=cũ\x01\u202e\r\nhai" in {row["name"] for row in json.loads(as_json)}
