"""Devices through the interface: found, made, removed, with their tokens."""

import csv
import io

from tests.api.conftest import NOW_MS
from tests.api.province import WASTEWATER, Client, Province, log_in
from tram.api.http.session import API
from tram.registry.kernel.views import NewDevice


async def test_list_finds_without_accents_and_shows_state_and_age(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    page = (await client.get(f"{API}/devices", params={"search": "tram DO so 1"})).json()

    assert [item["name"] for item in page["items"]] == ["LEAK-A Trạm đo số 1"]
    assert page["total"] == 1
    assert page["as_of_ms"] == NOW_MS
    assert page["items"][0]["state"] == "online"
    assert page["items"][0]["age_s"] == 4


async def test_list_pages_by_cursor_without_missing_or_doubling(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    names: list[str] = []
    cursor = None

    for _ in range(10):
        params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"{API}/devices", params=params)).json()
        names += [item["name"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert names == ["LEAK-A Trạm đo số 0", "LEAK-A Trạm đo số 1"]


async def test_list_by_state_leaves_out_the_others(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    online = (await client.get(f"{API}/devices", params={"state": "online"})).json()
    silent = (await client.get(f"{API}/devices", params={"state": "silent"})).json()

    assert len(online["items"]) == 2
    assert silent["items"] == []
    assert silent["total"] is None


async def test_list_still_answers_while_the_store_is_away(
    client_without_store: Client, province: Province
) -> None:
    await log_in(client_without_store, await province.person("enterprise", province.a.org))
    page = (await client_without_store.get(f"{API}/devices")).json()
    latest = await client_without_store.get(f"{API}/devices/{province.a.devices[0].id}/latest")

    assert {item["state"] for item in page["items"]} == {"unknown"}
    assert "store" in page["problem"]
    assert latest.status_code == 503
    assert int(latest.headers["retry-after"]) > 0


async def test_device_is_made_with_a_token_shown_once(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    new = {"name": "Trạm mới", "org": province.a.org, "sector": "energy", "profile": WASTEWATER}

    made = await client.post(f"{API}/devices", json=new)
    device = made.json()["device"]["id"]
    listed = (await client.get(f"{API}/devices/{device}/credentials")).text

    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    token = made.json()["token"]
    assert token.startswith("tr_")
    assert token not in listed
    assert token[-4:] in listed


async def test_every_wrong_field_of_a_new_device_is_named(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    shape = await client.post(f"{API}/devices", json={"name": 7, "lon": "x", "colour": "red"})
    sense = await client.post(
        f"{API}/devices",
        json={"name": "", "org": province.a.org, "sector": "magic", "profile": 1, "lon": 999},
    )

    assert shape.status_code == sense.status_code == 422
    assert shape.headers["content-type"] == "application/problem+json"
    assert {fault["field"] for fault in shape.json()["faults"]} == {
        "name",
        "org",
        "sector",
        "profile",
        "lon",
        "colour",
    }
    assert {fault["field"] for fault in sense.json()["faults"]} == {"name", "sector", "lon"}


async def test_token_is_issued_and_revoked(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    device = province.a.devices[0].id

    issued = await client.post(f"{API}/devices/{device}/credentials", json={})
    revoked = await client.delete(f"{API}/credentials/{province.a.credentials[0]}")
    listed = (await client.get(f"{API}/devices/{device}/credentials")).json()["items"]

    assert issued.status_code == 201
    assert revoked.status_code == 204
    by_id = {item["id"]: item for item in listed}
    assert by_id[province.a.credentials[0]]["revoked_ms"] is not None
    assert len(by_id) == 2


async def test_removed_device_is_gone(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    device = province.a.devices[0].id

    removed = await client.delete(f"{API}/devices/{device}")

    assert removed.status_code == 204
    gone = await client.get(f"{API}/devices/{device}")
    assert gone.status_code == 404
    assert gone.json()["code"] == "device.unknown"


async def test_download_holds_every_row_and_no_formula(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    await province.registry.devices.create(
        province.root,
        NewDevice(
            name="=HYPERLINK(1)",
            code="@x",
            org=province.a.org,
            profile=WASTEWATER,
            sector="energy",
        ),
    )

    response = await client.get(f"{API}/devices.csv")

    assert response.headers["content-type"].startswith("text/csv")
    assert "devices.csv" in response.headers["content-disposition"]
    assert response.content.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))
    assert {row["name"] for row in rows} == {
        "'=HYPERLINK(1)",
        "LEAK-A Trạm đo số 0",
        "LEAK-A Trạm đo số 1",
    }
    assert {row["code"] for row in rows} == {"'@x", "LEAK-A-0", "LEAK-A-1"}
    assert {float(row["lon"]) for row in rows if row["lon"]} == {108.5, 109.0}


async def test_download_keeps_the_filter_of_the_list(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    response = await client.get(f"{API}/devices.csv", params={"sector": "traffic"})

    rows = list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))
    assert [row["name"] for row in rows] == ["LEAK-A Trạm đo số 1"]
