"""The pages for what lets devices in: credentials of every kind, self-registration, claims."""

import re

from tests.api.province import WASTEWATER, Client, Province, log_in


def csrf_of(page: str) -> str:
    return re.search(r'name="csrf" value="([^"]+)"', page)[1]


async def send(person: Client, page: str, path: str, **fields: object):
    data = {"csrf": csrf_of((await person.get(page)).text), **fields}
    return await person.post(path, data=data)


async def test_user_name_with_password_is_shown_once_and_rotated(
    person: Client, province: Province
) -> None:
    device = province.a.devices[0].id
    page = f"/devices/{device}/access"

    made = await send(person, page, f"/devices/{device}/tokens", kind="basic", user_name="may-7")
    password = re.search(r'id="token">(\w{32})<', made.text)[1]
    wrong = await send(person, page, f"/devices/{device}/tokens", kind="x509", certificate="PEM")
    rotate = re.search(r'action="(/devices/\d+/tokens/\d+/rotate)"', made.text)[1]
    rotated = await send(person, page, rotate)

    assert made.status_code == rotated.status_code == 201
    assert "may-7" in made.text
    assert wrong.status_code == 422
    assert "Đây không phải chứng thư dạng PEM." in wrong.text
    assert 'id="token"' in rotated.text
    listed = (await person.get(page)).text
    assert password not in listed
    assert "đến" in listed


async def test_provisioning_key_comes_with_lines_to_paste_and_ends(
    person: Client, province: Province
) -> None:
    home = "/devices/registration"
    fields = {"name": "Lô 8", "org": province.a.org, "sector": "energy", "profile": WASTEWATER}

    made = await send(person, home, home, devices_max="5", **fields)
    wrong = await send(person, home, home, devices_max="5", **{**fields, "name": ""})
    denied = await send(person, home, home, devices_max="5", **{**fields, "org": province.b.org})

    assert made.status_code == 201
    secret = re.search(r'id="secret">(\w{32})<', made.text)[1]
    assert made.text.count(secret) == 2  # to read, and in the line to paste
    assert "http://iot.example:18081/api/v1/provision" in made.text
    assert wrong.status_code == 422
    assert denied.status_code == 403
    listed = (await person.get(home)).text
    assert "Lô 8" in listed
    assert secret not in listed
    end = re.search(r'action="(/devices/registration/\d+/end)"', listed)[1]
    assert (await send(person, home, end)).status_code == 303
    assert "đã kết thúc" in (await person.get(home)).text


async def test_device_changes_hands_by_the_code_on_its_page(
    person: Client, province: Province
) -> None:
    device = province.a.devices[0].id
    offered = await send(person, f"/devices/{device}/access", f"/devices/{device}/claim-code")
    code = re.search(r'id="claim-code">([\w-]{19})<', offered.text)[1]
    await log_in(person, await province.person("enterprise", province.b.org))
    home = "/devices/registration"

    wrong = await send(person, home, "/devices/claim", code="x", org=province.b.org)
    claimed = await send(person, home, "/devices/claim", code=code, org=province.b.org)

    assert wrong.status_code == 422
    assert "Không có thiết bị nào chờ nhận bằng mã này." in wrong.text
    assert claimed.headers["location"] == f"/devices/{device}"
    assert (await person.get(f"/devices/{device}")).status_code == 200
