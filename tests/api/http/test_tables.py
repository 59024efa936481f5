"""Every list leaves as a file: the same rows, by an address of its own with the same filter."""

import csv
import io

import pytest
from litestar import Litestar
from openpyxl import load_workbook

from tests.api.province import Client, Province, log_in
from tram.api.http.session import API

FORMS = ("csv", "xlsx", "json")
PARTS = (
    "alarms/{alarm}/events",
    "alarms/setup/chains",
    "alarms/setup/webhooks",
    "alarms/setup/windows",
    "coverage/drive-test/groups",
    "coverage/layers",
    "coverage/{run}/{layer}/holes",
    "coverage/{run}/{layer}/regions",
    "imports/{number}/faults",
    "presence/communes",
    "presence/zones",
    "stations/{station}/changes",
    "surveys/{survey}/replies",
    "targets/{target}/allocations",
    "targets/{target}/course/points",
    "tasks/{task}/history",
)
"""Tables within something bigger, or with rows of another name than ``items``."""


def test_every_list_of_the_interface_is_a_file_too(app: Litestar) -> None:
    described = app.openapi_schema.to_schema()
    paths, schemas = described["paths"], described["components"]["schemas"]

    lists = [path for path, ways in paths.items() if _lists(ways.get("get", {}), schemas)]
    wanted = [*lists, *(f"{API}/{part}" for part in PARTS)]
    missing = [
        f"{path}.{form}" for path in wanted for form in FORMS if f"{path}.{form}" not in paths
    ]

    assert len(lists) > 40
    assert missing == []


@pytest.mark.parametrize("path", ["rules", "operators", "stations", "invitations", "roles"])
async def test_a_list_and_its_files_hold_the_same_rows(
    client: Client, province: Province, path: str
) -> None:
    await log_in(client, await province.person("system-admin", province.a.org))
    listed = (await client.get(f"{API}/{path}")).json()["items"]

    as_json = (await client.get(f"{API}/{path}.json")).json()
    as_csv = (await client.get(f"{API}/{path}.csv")).text.removeprefix("\ufeff")
    as_xlsx = (await client.get(f"{API}/{path}.xlsx")).content

    key = next(iter(listed[0]))
    assert as_json == listed
    lines = list(csv.DictReader(io.StringIO(as_csv)))
    assert [line[key] for line in lines] == [str(row[key]) for row in listed]
    sheet = load_workbook(io.BytesIO(as_xlsx)).active
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        row[key] for row in listed
    ]
    assert set(lines[0]) == set(listed[0])


async def test_a_file_takes_the_filter_of_its_list(client: Client, province: Province) -> None:
    await log_in(client, await province.person("system-admin", province.a.org))
    around = {"search": "LEAK-A-0"}

    whole = (await client.get(f"{API}/devices.json")).json()
    some = (await client.get(f"{API}/devices.json", params=around)).json()

    assert len(whole) > len(some) == 1


async def test_an_empty_choice_of_a_form_is_no_filter(client: Client, province: Province) -> None:
    await log_in(client, await province.person("system-admin", province.a.org))
    chosen = {"sector": "", "severity": ""}

    for path in ("alarms", "stations"):
        whole = (await client.get(f"{API}/{path}.json")).json()
        assert (await client.get(f"{API}/{path}.json", params=chosen)).json() == whole != []


def _lists(way: dict, schemas: dict) -> bool:
    answers = way.get("responses", {}).get("200", {}).get("content", {})
    name = answers.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
    items = schemas.get(name, {}).get("properties", {}).get("items", {})
    return items.get("type") == "array" and "$ref" in items.get("items", {})
