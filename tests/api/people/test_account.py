"""One's own account over the interface: sessions, programs, second factor, password, data."""

import pyotp
import pytest_asyncio

from tests.api.answers import faults, listed, refusal
from tests.api.province import PASSWORD, Client, Province, log_in
from tram.api.http.session import API
from tram.runtime.clock import ManualClock

TOKEN = {"name": "QGIS", "permissions": ["device.read"], "days": 30}


@pytest_asyncio.fixture
async def person(desk: Client, province: Province) -> Client:
    await log_in(desk, await province.person("enterprise", province.a.org))
    return desk


async def test_a_token_opens_what_it_names_and_no_more(person: Client, province: Province) -> None:
    wanted = TOKEN | {"permissions": ["device.read", "alarm.write"]}
    made = await person.post(f"{API}/me/tokens", json=wanted)
    assert made.headers["cache-control"] == "no-store"
    secret, number = made.json()["secret"], made.json()["token"]["id"]
    assert secret not in (await person.get(f"{API}/me/tokens")).text
    program = {"authorization": f"Bearer {secret}", "cookie": "", "x-csrf-token": ""}
    cookies = dict(person.cookies)
    person.cookies.clear()

    seen = await person.get(f"{API}/devices", headers=program)
    assert {name.partition(" ")[0] for name in listed(seen, "name")} == {"LEAK-A"}
    new = {"name": "x", "org": province.a.org, "sector": "energy", "profile": 1}
    denied = await person.post(f"{API}/devices", json=new, headers=program)
    assert refusal(denied) == (403, "access.denied")
    for answer in (
        await person.post(f"{API}/me/tokens", json=TOKEN, headers=program),
        await person.delete(f"{API}/me/tokens/{number}", headers=program),
        await person.post(
            f"{API}/me/password", json={"old": PASSWORD, "new": PASSWORD}, headers=program
        ),
    ):
        assert refusal(answer) == (403, "access.person_needed"), answer.request.url
    person.cookies.update(cookies)
    assert (await person.delete(f"{API}/me/tokens/{number}")).status_code == 204
    person.cookies.clear()

    over = await person.get(f"{API}/devices", headers=program)
    assert refusal(over) == (401, "session.token_wrong")


async def test_what_is_wrong_with_a_token_is_said_at_its_field(
    person: Client, province: Province
) -> None:
    for given, fields in (
        ({"name": "", "days": 0}, {"name", "days"}),
        ({"permissions": []}, {"permissions"}),
        ({"permissions": ["no.such"]}, {"permissions"}),
        ({"permissions": ["ops.read"]}, {"permissions"}),
        ({"org": province.b.org}, {"org"}),
        ({"zone": 999_999, "sector": "magic"}, {"zone", "sector"}),
    ):
        answer = await person.post(f"{API}/me/tokens", json=TOKEN | given)
        assert set(faults(answer)) == fields, given
    foreign = await person.delete(f"{API}/me/tokens/{province.b.things['token']}")
    assert refusal(foreign) == (404, "api_token.unknown")


async def test_sessions_are_listed_and_ended_one_by_one(
    person: Client, province: Province
) -> None:
    await person.post(
        f"{API}/session",
        json={"login": f"enterprise-{province.a.org}", "password": PASSWORD},
        headers={"user-agent": "Điện thoại".encode()},
    )
    await log_in(person, await province.person("enterprise", province.a.org))
    rows = (await person.get(f"{API}/me/sessions")).json()["items"]
    assert len(rows) >= 2

    newest = max(rows, key=lambda row: row["number"])
    assert (await person.delete(f"{API}/me/sessions/{newest['number']}")).status_code == 204

    left = await person.get(f"{API}/me/sessions")
    assert newest["number"] not in listed(left, "number")
    again = await person.delete(f"{API}/me/sessions/{newest['number']}")
    assert refusal(again) == (404, "session.unknown")


async def test_the_second_factor_is_proved_before_it_counts_and_asked_for_then(
    person: Client, province: Province, clock: ManualClock
) -> None:
    offer = (await person.post(f"{API}/me/totp/offer")).json()
    wrong = {"secret": offer["secret"], "code": "000000"}
    assert refusal(await person.post(f"{API}/me/totp", json=wrong))[1] == "totp.code_wrong"
    assert not (await person.get(f"{API}/me/totp")).json()["on"]
    code = pyotp.TOTP(offer["secret"]).at(clock.now_ms() // 1000)
    codes = (await person.post(f"{API}/me/totp", json=wrong | {"code": code})).json()["codes"]
    assert (len(codes), len(set(codes))) == (10, 10)

    login = {"login": f"enterprise-{province.a.org}", "password": PASSWORD}
    asked = await person.post(f"{API}/session", json=login)
    assert (asked.status_code, asked.json()["csrf"]) == (202, "")
    assert "tram_session" not in asked.headers.get("set-cookie", "")
    answer = {"challenge": asked.json()["challenge"], "code": codes[0]}
    opened = await person.post(f"{API}/session/code", json=answer)
    assert opened.status_code == 201
    assert refusal(await person.post(f"{API}/session/code", json=answer))[0] == 401

    person.headers["x-csrf-token"] = opened.json()["csrf"]
    bad = await person.post(f"{API}/me/totp/recovery", json={"password": "không phải mật khẩu"})
    assert refusal(bad)[1] == "password.wrong_now"
    renewed = await person.post(f"{API}/me/totp/recovery", json={"password": PASSWORD})
    assert not set(renewed.json()["codes"]) & set(codes)
    state = (await person.get(f"{API}/me/totp")).json()
    assert (state["on"], state["recovery_left"]) == (True, 10)


async def test_ones_data_names_every_place_and_nobody_elses(
    person: Client, province: Province
) -> None:
    data = (await person.get(f"{API}/me/data")).text

    assert f"enterprise-{province.a.org}" in data
    assert "LEAK-B" not in data
    assert "argon2" not in data
