"""Nothing without a session; no change without its proof."""

import asyncio
from dataclasses import replace

import pytest
from litestar import Litestar, get
from litestar.routes import HTTPRoute

from tests.api.province import OPENED, PASSWORD, Client, Province, log_in, open_client
from tram.api.http import request_turns
from tram.api.http.parameters import TakenViewer
from tram.api.http.rate_limits import Rates
from tram.api.http.services import Services
from tram.api.http.session import API, PUBLIC
from tram.api.plugin import PlatformApi
from tram.runtime.clock import ManualClock
from tram.runtime.turns import Turns


async def test_every_route_but_the_allowed_needs_a_session(app: Litestar, client: Client) -> None:
    asked = 0
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for method in route.methods - {"OPTIONS"}:
            if (method, route.path_format) in PUBLIC:
                continue
            path = route.path_format.replace("{", "").replace("}", "")
            path = "/".join(
                "1" if part in route.path_parameters else part for part in path.split("/")
            )
            response = await client.request(method, path)
            assert response.status_code == 401, (method, path)
            assert response.json()["code"] == "session.needed"
            asked += 1

    assert asked > 30


async def test_log_in_opens_a_session_in_a_cookie_no_script_can_read(
    client: Client, province: Province
) -> None:
    login = await province.person("enterprise", province.a.org)

    response = await client.post(f"{API}/session", json={"login": login, "password": PASSWORD})

    cookie = response.headers["set-cookie"]
    assert response.status_code == 201
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie  # off by setting: no TLS in front
    me = (await client.get(f"{API}/me")).json()
    assert me["name"] == "LEAK-A enterprise"
    assert me["locale"] == "vi"
    assert "device.write" in me["scopes"][0]["permissions"]


async def test_wrong_password_and_unknown_login_answer_alike(
    client: Client, province: Province
) -> None:
    login = await province.person("enterprise", province.a.org)

    wrong = await client.post(f"{API}/session", json={"login": login, "password": "x" * 12})
    unknown = await client.post(f"{API}/session", json={"login": "nobody", "password": "x" * 12})

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


async def test_many_attempts_from_one_address_must_wait(
    client: Client, services: Services, clock: ManualClock
) -> None:
    body = {"login": "n", "password": "x"}
    await client.post(f"{API}/session", json=body)
    address = next(iter(services.login_rate._attempts))
    for _ in range(59):
        services.login_rate.attempt(address, clock.monotonic_s())

    refused = await client.post(f"{API}/session", json=body)
    clock.advance(61_000)
    later = await client.post(f"{API}/session", json=body)

    assert refused.status_code == 429
    assert refused.json()["code"] == "login.too_often"
    assert later.json()["code"] == "login.wrong"


async def test_a_change_by_cookie_needs_the_sessions_proof(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    proof = client.headers.pop("X-CSRF-Token")

    without = await client.put(f"{API}/me/preferences", json={"locale": "en"})
    foreign = await client.put(
        f"{API}/me/preferences", json={"locale": "en"}, headers={"X-CSRF-Token": proof + "x"}
    )
    right = await client.put(
        f"{API}/me/preferences", json={"locale": "en"}, headers={"X-CSRF-Token": proof}
    )

    assert without.status_code == foreign.status_code == 403
    assert without.json()["code"] == "session.unproven"
    assert right.status_code == 204
    assert (await client.get(f"{API}/me")).json()["locale"] == "en"


async def test_a_form_proves_itself_by_a_field(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    proof = client.headers.pop("X-CSRF-Token")
    url = f"{API}/devices/{province.a.devices[0].id}/credentials"

    wrong = await client.post(url, data={"csrf": "x"})
    right = await client.post(url, data={"csrf": proof})

    assert wrong.status_code == 403
    assert right.status_code == 201


async def test_another_site_cannot_log_somebody_in(client: Client, province: Province) -> None:
    login = await province.person("enterprise", province.a.org)
    body = {"login": login, "password": PASSWORD}

    by_origin = await client.post(
        f"{API}/session", json=body, headers={"Origin": "https://evil.example"}
    )
    by_fetch = await client.post(
        f"{API}/session", json=body, headers={"Sec-Fetch-Site": "cross-site"}
    )
    own = await client.post(
        f"{API}/session", json=body, headers={"Origin": "http://testserver.local"}
    )

    assert by_origin.status_code == by_fetch.status_code == 403
    assert "set-cookie" not in by_origin.headers
    assert own.status_code == 201


async def test_log_out_ends_the_session_and_the_cookie(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    kept = client.cookies["tram_session"]

    response = await client.delete(f"{API}/session")
    client.cookies.set("tram_session", kept)

    assert response.status_code == 204
    assert (await client.get(f"{API}/me")).status_code == 401


async def test_a_session_ends_after_its_hours(
    client: Client, province: Province, clock: ManualClock
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))

    clock.advance(12 * 3_600_000)

    assert (await client.get(f"{API}/me")).status_code == 401


async def test_a_route_refuses_who_asks_more_often_than_allowed(
    services: Services, province: Province, clock: ManualClock
) -> None:
    """The bucket of the organisation fills up again."""
    limited = Litestar(plugins=[PlatformApi(replace(services, rates=Rates(10, 4)))])
    async with open_client(limited) as client:
        await log_in(client, await province.person("enterprise", province.a.org))
        answers = [await client.get(f"{API}/me") for _ in range(5)]
        clock.advance(60_000)
        later = await client.get(f"{API}/me")

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert answers[-1].json()["code"] == "rate.too_often"
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert later.status_code == 200


async def test_wrong_passwords_at_every_route_that_proves_count(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    proofs = [("totp/recovery", {"password": "x" * 12}), ("totp/off", {"password": "x" * 12})]
    proofs += [("password", {"old": "x" * 12, "new": "y" * 12})] * 4

    answers = [await client.post(f"{API}/me/{path}", json=body) for path, body in proofs]

    assert [answer.json()["code"] for answer in answers] == ["password.wrong_now"] * 5 + [
        "password.too_often"
    ]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_browser_that_logged_in_before_is_told_from_a_stranger(
    client: Client, services: Services, clock: ManualClock, province: Province
) -> None:
    login = await province.person("enterprise", province.a.org)
    body = {"login": login, "password": PASSWORD}
    first = await client.post(f"{API}/session", json=body)
    for _ in range(59):
        services.login_rate.attempt("127.0.0.1", clock.monotonic_s())

    known = await client.post(f"{API}/session", json=body)
    client.cookies.delete("tram_browser")
    stranger = await client.post(f"{API}/session", json=body)

    cookie = next(c for c in first.headers.get_list("set-cookie") if "tram_browser" in c)
    assert "HttpOnly" in cookie
    assert known.status_code == 201
    assert stranger.status_code == 429
    assert int(stranger.headers["retry-after"]) > 0


async def test_a_new_password_ends_tokens_unless_they_are_to_stay(
    client: Client, province: Province
) -> None:
    login = await province.person("enterprise", province.a.org)
    await log_in(client, login)
    made = await client.post(
        f"{API}/me/tokens", json={"name": "QGIS", "permissions": ["device.read"], "days": 2}
    )
    bearer = {"Authorization": f"Bearer {made.json()['secret']}"}

    change = {"old": PASSWORD, "new": "another long sentence"}
    kept = await client.post(f"{API}/me/password", json={**change, "end_tokens": False})
    before = await client.get(f"{API}/devices", headers=bearer)
    body = {"login": login, "password": change["new"]}
    opened = await client.post(f"{API}/session", json=body)
    client.headers["x-csrf-token"] = opened.json()["csrf"]
    ended = await client.post(
        f"{API}/me/password", json={"old": change["new"], "new": "yet another sentence"}
    )
    after = await client.get(f"{API}/devices", headers=bearer)

    assert (kept.status_code, before.status_code) == (204, 200)
    assert (ended.status_code, after.status_code) == (204, 401)


async def test_strangers_are_counted_by_address_and_people_are_not(
    services: Services, province: Province
) -> None:
    few = replace(services, rates=Rates(100, 100, 3))
    async with open_client(Litestar(plugins=[PlatformApi(few)])) as client:
        answers = [(await client.get(f"{API}/me")).status_code for _ in range(5)]
        assert answers == [401, 401, 401, 429, 429]
        login = await province.person("enterprise", province.a.org)
        client.cookies["tram_session"], _ = OPENED[login]
        assert (await client.get(f"{API}/me")).status_code == 200


async def test_look_ups_of_one_token_leave_turns_for_other_people(
    services: Services, province: Province, app: Litestar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        request_turns, "_ENTRIES", Turns("entries", 2, waiting_max=None, each_at_once=1)
    )
    free, begun = asyncio.Event(), []

    async def slow(secret: str, *, address: str) -> None:
        begun.append((secret, address))
        await free.wait()

    monkeypatch.setattr(services.registry.api_tokens, "viewer", slow)
    login = await province.person("enterprise", province.a.org)
    async with open_client(app) as client, open_client(app) as other:
        await log_in(other, login)
        wrong = {"Authorization": "Bearer wrong"}
        many = [asyncio.create_task(client.get(f"{API}/me", headers=wrong)) for _ in range(5)]
        while not begun:
            await asyncio.sleep(0.01)
        assert (await other.get(f"{API}/me")).status_code == 200
        assert len(begun) == 1
        free.set()
        assert {answer.status_code for answer in await asyncio.gather(*many)} == {401}


async def test_one_organisations_requests_leave_turns_for_the_others(
    services: Services, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        request_turns, "_TURNS", Turns("requests", 4, waiting_max=9, each_at_once=2)
    )
    free, begun = asyncio.Event(), []

    @get("/slow", include_in_schema=False)
    async def slow(viewer: TakenViewer) -> str:
        begun.append(viewer.org)
        await free.wait()
        return "done"

    app = Litestar(route_handlers=[slow], plugins=[PlatformApi(services)])
    logins = [await province.person("enterprise", party.org) for party in (province.a, province.b)]
    async with open_client(app) as one, open_client(app) as other:
        await log_in(one, logins[0])
        await log_in(other, logins[1])
        many = [asyncio.create_task(one.get("/slow")) for _ in range(5)]
        while len(begun) < 2:
            await asyncio.sleep(0.01)
        assert (await other.get(f"{API}/me")).status_code == 200
        assert begun == [province.a.org] * 2
        free.set()
        assert [answer.status_code for answer in await asyncio.gather(*many)] == [200] * 5
