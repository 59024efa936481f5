"""The past through the interface: files, corrections, and asking a device for what is missing."""

import io

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from tests.api.province import Client, Province, log_in
from tram.api.http.session import API

SPAN = {"start_ms": 0, "end_ms": 4_000_000_000_000}


async def test_the_same_rows_come_in_every_kind_of_file(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    text, columns, book = [
        (await client.get(f"{API}/exports/{kind}", params=SPAN)).content
        for kind in ("csv", "parquet", "xlsx")
    ]

    lines = text.decode("utf-8-sig").splitlines()
    table = pq.read_table(io.BytesIO(columns))
    sheet = load_workbook(io.BytesIO(book), read_only=True)["readings"]
    rows = list(sheet.iter_rows(values_only=True))
    assert (
        lines[0]
        == '"time","device","metric","number","text","status","quality","revision","received"'
    )
    assert len(lines) - 1 == table.num_rows == len(rows) - 1 == 6
    assert {row["device"] for row in table.to_pylist()} == {d.id for d in province.a.devices}
    assert any("'=LEAK-A-value" in line and "server_timed" in line for line in lines)
    assert [row[5] for row in rows[1:]] == ["measuring"] * 6


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("exports/docx", SPAN, 400),
        ("exports/csv", {"start_ms": 5, "end_ms": 5}, 422),
        ("exports/csv", {}, 422),
        ("gaps", {**SPAN, "kind": "hole"}, 422),
        ("aggregates", SPAN, 400),
        ("completeness", {**SPAN, "by": "colour"}, 400),
    ],
)
async def test_questions_that_cannot_be_answered_are_refused(
    client: Client, province: Province, path: str, query: dict, status: int
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    answer = await client.get(f"{API}/{path}", params=query)

    assert answer.status_code in {status, 422}
    assert answer.json()["code"]


async def test_a_device_is_asked_for_what_is_missing(client: Client, province: Province) -> None:
    await log_in(client, await province.person("system-admin", province.root.org))
    device = province.a.devices[0].id

    asked = await client.post(f"{API}/devices/{device}/backlog", json={"start_ms": 5, "end_ms": 9})
    queued = (await client.get(f"{API}/devices/{device}/downlinks")).json()["items"]

    assert asked.status_code == 201, asked.text
    assert queued[0]["body"]["method"] == "resendTelemetry"
    assert queued[0]["body"]["params"] == {"startTs": 5, "endTs": 9}


async def test_only_who_may_change_a_device_corrects_its_readings(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("department-leader", province.root.org))
    device = province.a.devices[0].id
    form = {**SPAN, "metric": "pH", "operation": "invalidate", "reason": "no certificate"}

    answer = await client.post(f"{API}/devices/{device}/corrections", json=form)

    assert answer.status_code == 403
    assert (await client.get(f"{API}/devices/{device}/corrections")).json()["items"] == []
