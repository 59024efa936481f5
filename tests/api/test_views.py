"""Readings, history, map, zones, organisations, audit, overview, machinery: what each answers."""

from tests.api.conftest import NOW_MS
from tests.api.province import Client, Province, log_in
from tram.api.http.session import API


async def test_latest_values_carry_names_units_age_and_quality(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    found = (await client.get(f"{API}/devices/{province.a.devices[0].id}/latest")).json()

    first, unknown, second = found["items"]  # the profile's metrics first, then the others
    assert unknown["metric"] == "LEAK-A-metric"
    assert (first["metric"], first["name_vi"], first["unit"]) == ("pH", "Độ pH", "[pH]")
    assert first["age_s"] == 5
    assert (second["metric"], second["name_en"], second["unit"]) == ("zeta", "zeta", "")
    assert second["quality"] == ["server_timed"]
    assert second["kind"] == "text"
    assert found["as_of_ms"] == NOW_MS


async def test_range_names_all_that_is_missing(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    url = f"{API}/devices/{province.a.devices[0].id}/readings"

    missing = await client.get(url)
    backwards = await client.get(url, params={"metric": "pH", "start_ms": 5, "end_ms": 5})
    right = await client.get(url, params={"metric": "pH", "start_ms": 5, "end_ms": NOW_MS})

    assert missing.status_code == backwards.status_code == 422
    assert [f["field"] for f in missing.json()["faults"]] == ["metric", "start_ms", "end_ms"]
    assert backwards.json()["code"] == "range.invalid"
    assert right.json()["times"] == [NOW_MS - 5000]
    assert right.json()["values"] == [7.5]
    assert right.json()["unit"] == "[pH]"


async def test_refusals_come_with_their_reason(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    url = f"{API}/devices/{province.a.devices[0].id}/events"

    refused = (await client.get(url, params={"kind": "refused"})).json()["items"]
    wrong = await client.get(url, params={"kind": "exploded"})

    assert refused[0]["code"] == "payload.not_json"
    assert refused[0]["detail"] == "LEAK-A said so"
    assert wrong.status_code == 422


async def test_audience_says_who_may_see_a_device(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    found = await client.get(f"{API}/devices/{province.a.devices[0].id}/audience")

    owner = found.json()["items"][0]
    assert (owner["via"], owner["org"], owner["people"]) == ("owner", province.a.org, 2)


async def test_map_is_geojson_with_states_and_marks(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    devices = await client.get(f"{API}/map/devices")
    zones = await client.get(f"{API}/map/zones")

    assert devices.headers["content-type"] == "application/geo+json"
    assert devices.json()["type"] == "FeatureCollection"
    feature = devices.json()["features"][0]
    assert feature["geometry"] == {"coordinates": [108.5, 15.1], "type": "Point"}
    assert feature["properties"]["state"] == "online"
    marks = [feature["properties"]["approximate"] for feature in zones.json()["features"]]
    assert True in marks


async def test_zones_count_only_the_devices_that_the_viewer_sees(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    zone = (await client.get(f"{API}/zones/{province.zone}")).json()

    assert zone["devices"] == 2  # four stand in it
    assert {"approximate", "area_source", "coord_quality"} <= zone.keys()


async def test_zones_come_in_pages(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    first = (await client.get(f"{API}/zones", params={"limit": 2})).json()
    second = (
        await client.get(f"{API}/zones", params={"limit": 2, "cursor": first["next"]})
    ).json()
    wrong = await client.get(f"{API}/zones", params={"cursor": "x"})

    ids = [zone["id"] for zone in first["items"] + second["items"]]
    assert len(set(ids)) == 4
    assert wrong.json()["code"] == "page.mark_wrong"


async def test_overview_counts_what_the_viewer_sees(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    found = (await client.get(f"{API}/overview")).json()

    assert (found["devices"], found["online"]) == (2, 2)
    assert [refusal["device_name"] for refusal in found["refusals"]] == [
        "LEAK-A Trạm đo số 0",
        "LEAK-A Trạm đo số 1",
    ]
    assert found["system"]["state"] == "well"


async def test_overview_shows_unknown_devices_while_the_store_is_away(
    client_without_store: Client, province: Province
) -> None:
    await log_in(client_without_store, await province.person("enterprise", province.a.org))
    found = (await client_without_store.get(f"{API}/overview")).json()

    assert (found["devices"], found["unknown"]) == (2, 2)
    assert found["problem"]
    assert found["system"]["state"] == "away"


async def test_overview_opens_for_a_role_without_devices(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("public-viewer", province.a.org))

    found = (await client.get(f"{API}/overview")).json()

    assert found["sees_devices"] is False
    assert found["devices"] == 0
    assert found["zones"]


async def test_figures_of_the_machinery_are_for_operators(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    plain = (await client.get(f"{API}/system")).json()
    await log_in(client, await province.person("system-admin", province.a.org))
    operator = (await client.get(f"{API}/system")).json()

    assert plain["figures"] is None
    assert operator["figures"]["rows"] == 14


async def test_audit_tells_who_did_what_from_where(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    await client.delete(f"{API}/devices/{province.a.devices[0].id}")

    found = (await client.get(f"{API}/audit")).json()["items"][0]

    assert found["action"] == "device.remove"
    assert found["person_name"] == "LEAK-A enterprise"
    assert found["address"]


async def test_a_role_without_the_permission_is_told_so(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("province-viewer", province.a.org))

    audit = await client.get(f"{API}/audit")
    made = await client.post(
        f"{API}/devices",
        json={"name": "x", "org": province.a.org, "sector": "energy", "profile": 1},
    )

    assert audit.status_code == made.status_code == 403
    assert audit.json()["code"] == made.json()["code"] == "access.denied"


async def test_organisations_come_as_the_viewers_part_of_the_tree(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    listed = (await client.get(f"{API}/organisations")).json()["items"]

    assert [(item["code"], item["depth"]) for item in listed] == [
        ("LEAK-A", 0),
        ("LEAK-A-child", 1),
    ]


async def test_schema_describes_every_route_with_its_problems(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    schema = (await client.get(f"{API}/schema/openapi.json")).json()

    assert schema["info"]["title"] == "Trạm"
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation["tags"], path
            assert operation["summary"], path
            problem = operation["responses"]["422"]["content"]
            assert list(problem) == ["application/problem+json"], (method, path)


async def test_unknown_address_and_method_are_problems_too(
    client: Client, province: Province
) -> None:
    unknown = await client.get(f"{API}/nothing")
    method = await client.put(f"{API}/devices")
    await log_in(client, await province.person("enterprise", province.a.org))
    unreadable = await client.post(
        f"{API}/devices", content=b"{", headers={"Content-Type": "application/json"}
    )

    assert (unknown.status_code, unknown.json()["code"]) == (404, "page.unknown")
    assert (method.status_code, method.json()["code"]) == (405, "request.method")
    assert (unreadable.status_code, unreadable.json()["code"]) == (400, "request.unreadable")
