"""What lets devices in, over the programming interface."""

from tests.api.province import WASTEWATER, Client, Province, log_in
from tests.fleet.gateway.certificates import Authority
from tram.api.http.session import API


async def test_credentials_of_every_kind_are_shown_once_and_rotated(
    client: Client, province: Province, tmp_path: object
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    home = f"{API}/devices/{province.a.devices[0].id}/credentials"
    authority = Authority("Root")
    authority.write(tmp_path / "ca.pem")

    basic = (await client.post(home, json={"kind": "basic", "user_name": "bơm-1"})).json()
    pem = {"kind": "x509", "certificate": (tmp_path / "ca.pem").read_text()}
    own = (await client.post(home, json=pem)).json()
    wrong = await client.post(home, json={"kind": "psk"})
    rotated = await client.post(
        f"{API}/credentials/{basic['id']}/rotations", json={"overlap_s": 60}
    )

    assert (basic["user_name"], len(basic["password"]), basic["token"]) == ("bơm-1", 32, "")
    assert (own["kind"], own["token"], own["password"]) == ("x509", "", "")
    assert wrong.status_code == 422
    assert [fault["field"] for fault in wrong.json()["faults"]] == ["kind"]
    assert rotated.status_code == 201
    assert rotated.json()["user_name"] == "bơm-1"
    listed = await client.get(home)
    by_id = {item["id"]: item for item in listed.json()["items"]}
    assert by_id[basic["id"]]["until_ms"] is not None
    assert by_id[rotated.json()["id"]]["until_ms"] is None
    assert by_id[own["id"]]["label"] == "Root"
    for secret in (basic["password"], rotated.json()["password"]):
        assert secret not in listed.text


async def test_enrolment_shows_its_secret_once_and_ends(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    new = {"name": "Lô 7", "org": province.a.org, "sector": "energy", "profile": WASTEWATER}

    made = await client.post(f"{API}/enrolments", json=new)
    wrong = await client.post(f"{API}/enrolments", json={**new, "certificate": "PEM"})
    listed = await client.get(f"{API}/enrolments")

    assert made.status_code == 201
    assert made.json()["secret"] not in listed.text
    assert wrong.json()["code"] == "certificate.wrong"
    newest = listed.json()["items"][0]
    assert (newest["name"], newest["key"], newest["devices_made"]) == (
        "Lô 7",
        made.json()["key"],
        0,
    )
    ended = await client.delete(f"{API}/enrolments/{newest['id']}")
    assert ended.status_code == 204
    again = (await client.get(f"{API}/enrolments")).json()["items"][0]
    assert again["revoked_ms"] is not None


async def test_device_is_handed_over_by_its_code(client: Client, province: Province) -> None:
    device = province.a.devices[0].id
    await log_in(client, await province.person("enterprise", province.a.org))
    code = (await client.post(f"{API}/devices/{device}/claim-code", json={})).json()["code"]
    await log_in(client, await province.person("enterprise", province.b.org))

    unknown = await client.post(f"{API}/claims", json={"code": "x", "org": province.b.org})
    claimed = await client.post(f"{API}/claims", json={"code": code, "org": province.b.org})

    assert (unknown.status_code, unknown.json()["code"]) == (404, "claim.unknown")
    assert claimed.json() == {"device": device}
    assert (await client.get(f"{API}/devices/{device}")).json()["org"] == province.b.org
