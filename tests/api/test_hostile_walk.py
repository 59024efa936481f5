"""No entry in any place of any request breaks the application for who sent it, or for others.

Short form with a fixed seed; ``tools/walk_routes.py --seed S --minutes M`` goes on for longer.
"""

import random

import pytest
from litestar import Litestar

from tests.api.apps import site
from tests.api.hostile import names_of, requests_about, send
from tests.api.province import Client, Province, log_in, open_client
from tests.api.walk import asks_about
from tram.api.http.services import Services
from tram.api.http.session import API
from tram.runtime.json_depth import DEPTH_MAX

SEED = 14
ROUTES = 120
"""Requests of the short form, each to another route."""


@pytest.fixture
def app(services: Services) -> Litestar:
    return site(services, "operators-key")


async def test_no_place_of_a_request_takes_what_breaks_its_route(
    app: Litestar, province: Province
) -> None:
    chance = random.Random(SEED)  # drawn again the same
    async with open_client(app) as client:
        await log_in(client, await province.person("enterprise", province.a.org))
        csrf = client.headers["X-CSRF-Token"]
        names = names_of(app)
        asks = asks_about(app, province.a, province.zone)
        broken = []
        for ask in chance.sample(asks, ROUTES):
            known = names.get((ask.method, ask.route), [])
            for hostile in requests_about(ask, known, csrf, chance, 1):
                status = await send(client, hostile)
                if status >= 500:
                    broken.append(f"{status} {hostile}")
        assert broken == []


PLACES = {
    "cursor of digits without end": ("GET", f"{API}/former-devices?cursor={'9' * 5_000}", b"", {}),
    "cursor beyond 64 bits": ("GET", f"{API}/audit?cursor={2**64}", b"", {}),
    "device of digits without end": ("GET", f"{API}/devices?device={'9' * 5_000}", b"", {}),
    "search with U+0000": ("GET", f"{API}/devices?search=%00", b"", {}),
    "host without port": ("GET", f"{API}/devices.csv", b"", {"host": b"a:None"}),
    "host with a port beyond all": ("GET", f"{API}/devices.csv", b"", {"host": b"a:99999"}),
    "host with markup": ("GET", f"{API}/devices.csv", b"", {"host": b"a<b"}),
    "body of no UTF-8": ("POST", f"{API}/alarms/acts", b'{"a":"\xff"}', {}),
    "open lists": ("POST", f"{API}/rules", b"[" * 100_000, {}),
    "closed lists": ("POST", f"{API}/rules", b"[" * 5_000 + b"]" * 5_000, {}),
    "objects": ("POST", f"{API}/groups", b'{"a":' * 5_000 + b"1" + b"}" * 5_000, {}),
    "an unknown field": ("POST", f"{API}/groups", b'{"x":' + b"[" * 5_000 + b"]" * 5_000, {}),
}


async def test_entries_that_broke_a_route_are_answered(client: Client, province: Province) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    wrong = []
    for place, (method, target, content, headers) in PLACES.items():
        request = client.build_request(
            method, target, content=content, headers={"content-type": "application/json"} | headers
        )
        answer = await client.send(request)

        is_deep = content and b"\xff" not in content
        if answer.status_code >= 500 or (is_deep and answer.json()["code"] != "request.too_deep"):
            wrong.append((place, answer.status_code))
        assert (await client.get(f"{API}/me")).status_code == 200, place
    assert wrong == []


async def test_a_form_of_very_many_fields_is_refused(client: Client) -> None:
    answer = await client.post(
        f"{API}/session",
        content=b"a=1&" * 200_000,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")


async def test_brackets_in_a_text_and_many_side_by_side_are_not_deep(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("enterprise", province.a.org))
    text = "[" * (DEPTH_MAX + 1) + '"\\['
    wide = [[] for _ in range(DEPTH_MAX + 1)]

    answer = await client.post(f"{API}/groups", json={"name": text, "devices": wide})

    assert answer.json()["code"] != "request.too_deep"
