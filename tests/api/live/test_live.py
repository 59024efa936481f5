"""Live views over a real socket: who gets what, and when it ends."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
import uvicorn
from litestar import Litestar
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from tests.api.conftest import NOW_MS, LiveFeed
from tests.api.province import OPENED, PASSWORD, Party, Province
from tram.api.http.services import Services
from tram.api.live import quota as live_places
from tram.api.live.broadcaster import QUEUE_FRAMES_MAX, LiveClient
from tram.api.live.quota import LiveQuota
from tram.api.plugin import PlatformApi
from tram.domain.ids import OrgId, PersonId
from tram.fleet.store.views import LiveChange, LiveFrame, LiveState
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import NewGrant
from tram.runtime.clock import ManualClock, SystemClock
from tram.runtime.errors import Unavailable
from tram.runtime.processes.process import free_port

DAY_MS = 86_400_000


class Fast(ManualClock):
    """The test's time, with waits ten times shorter than asked for."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 10)


@pytest.fixture
def clock() -> Fast:
    return Fast(NOW_MS)


@pytest_asyncio.fixture
async def address(services: Services) -> AsyncIterator[str]:
    """The address of the application behind a real server."""
    app = Litestar(plugins=[PlatformApi(services)])
    port = free_port()
    config = uvicorn.Config(app, port=port, ws="websockets-sansio", log_config=None, lifespan="on")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await SystemClock().sleep(0.01)
    yield f"127.0.0.1:{port}"
    server.should_exit = True
    await serving


def socket(address: str, query: str, login: str, **headers: str) -> connect:
    cookie = {"Cookie": f"tram_session={OPENED[login][0]}"} if login else {}
    return socket_with(address, query, **cookie, **headers)


def socket_with(address: str, query: str, **headers: str) -> connect:
    return connect(f"ws://{address}/live?{query}", additional_headers=headers, proxy=None)


async def heard(opened: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(10):
        return json.loads(await opened.recv())


async def greeted(opened: ClientConnection) -> None:
    assert await heard(opened) == {"kind": "hello"}


async def closed_with(opened: ClientConnection) -> int:
    """Return the code with which the server closes, whatever it says before."""
    with contextlib.suppress(ConnectionClosedError):
        async with asyncio.timeout(10):
            async for _ in opened:
                pass
    assert opened.close_code is not None
    return opened.close_code


def frame(*parties: Party, metric: str = "pH") -> bytes:
    """Return a frame in which the first device of each party changed."""
    changes, states = [], []
    for party in parties:
        device = party.devices[0]
        place = (device.id, device.org, device.zone, device.sector)
        changes.append(LiveChange(*place, metric, 3, f"{party.mark}-value", NOW_MS, 0))
        states.append(LiveState(*place, "online", NOW_MS))
    return msgspec.json.encode(LiveFrame(NOW_MS, changes, states))


@pytest_asyncio.fixture
async def login(province: Province) -> str:
    return await province.person("enterprise", province.a.org)


async def test_device_view_gets_its_values_and_nothing_of_others(
    address: str, province: Province, login: str, live_feed: LiveFeed
) -> None:
    device = province.a.devices[0].id

    async with socket(address, f"device={device}", login) as opened:
        await greeted(opened)
        await live_feed.send(frame(province.b))
        await live_feed.send(frame(province.a, province.b))
        got = await heard(opened)

    assert got["kind"] == "changes"
    assert [change["value"] for change in got["changes"]] == ["LEAK-A-value"]
    assert [state["device"] for state in got["states"]] == [device]


async def test_map_gets_the_states_that_the_viewer_may_see(
    address: str, province: Province, login: str, live_feed: LiveFeed
) -> None:
    async with socket(address, "scope=map", login) as opened:
        await greeted(opened)
        await live_feed.send(frame(province.b, province.a))
        got = await heard(opened)

    assert got["changes"] == []
    assert [state["device"] for state in got["states"]] == [province.a.devices[0].id]


async def test_a_loan_of_one_metric_shows_that_metric_only(
    address: str, province: Province, login: str, live_feed: LiveFeed
) -> None:
    device = province.b.devices[0].id
    loan = NewGrant(
        device=device,
        to_org=province.a.org,
        purpose="x",
        until_ms=NOW_MS + DAY_MS,
        metric="pH",
    )
    await province.registry.grants.create(province.root, loan)

    async with socket(address, f"device={device}", login) as opened:
        await greeted(opened)
        await live_feed.send(frame(province.b, metric="secret"))
        secret = await heard(opened)
        await live_feed.send(frame(province.b, metric="pH"))
        lent = await heard(opened)

    assert secret["changes"] == []
    assert [change["metric"] for change in lent["changes"]] == ["pH"]


async def test_nobody_connects_without_a_session_or_from_another_site(
    address: str, login: str
) -> None:
    with pytest.raises(InvalidStatus) as nobody:
        async with socket(address, "scope=map", ""):
            pass
    with pytest.raises(InvalidStatus) as foreign:
        async with socket(address, "scope=map", login, Origin="https://evil.example"):
            pass

    assert nobody.value.response.status_code == 403
    assert foreign.value.response.status_code == 403


async def test_a_device_of_others_and_nonsense_end_at_once(
    address: str, province: Province, login: str
) -> None:
    async with socket(address, f"device={province.b.devices[0].id}", login) as other:
        assert await closed_with(other) == 4404
    async with socket(address, "device=x", login) as nonsense:
        assert await closed_with(nonsense) == 4422


async def test_log_out_ends_the_socket(address: str, province: Province, login: str) -> None:
    async with socket(address, "scope=map", login) as opened:
        await greeted(opened)
        await province.registry.sessions.log_out(OPENED[login][0])

        assert await closed_with(opened) == 4401


async def test_a_revoked_loan_ends_the_socket(
    address: str, province: Province, login: str
) -> None:
    device = province.b.devices[0].id
    loan = NewGrant(device=device, to_org=province.a.org, purpose="x", until_ms=NOW_MS + DAY_MS)
    granted = await province.registry.grants.create(province.root, loan)

    async with socket(address, f"device={device}", login) as opened:
        await greeted(opened)
        await province.registry.grants.revoke(province.root, granted.id)

        assert await closed_with(opened) == 4404


async def test_a_slow_client_is_told_to_resync() -> None:
    client = LiveClient(((), None))
    for number in range(QUEUE_FRAMES_MAX + 1):
        client.put(str(number).encode())

    assert await client.next() == b'{"kind":"resync"}'
    client.put(b"fresh")
    assert await client.next() == b"fresh"


async def test_a_frame_that_is_not_understood_changes_nothing(
    address: str, province: Province, login: str, live_feed: LiveFeed
) -> None:
    async with socket(address, "scope=map", login) as opened:
        await greeted(opened)
        await live_feed.send(b"\x00")
        await live_feed.send(frame(province.a))

        assert (await heard(opened))["kind"] == "changes"


async def test_one_organisation_leaves_places_for_the_others(
    address: str,
    province: Province,
    login: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, most in (("SHARED_MAX", 5), ("GUARANTEED", 2), ("PER_PERSON_MAX", 8)):
        monkeypatch.setattr(live_places, name, most)
    other = await province.person("enterprise", province.b.org)
    secret, _ = await _session(province, other)
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(7):
            await greeted(await stack.enter_async_context(socket(address, "scope=map", login)))
        async with socket(address, "scope=map", login) as one_more:
            assert await closed_with(one_more) == 1013

        cookie = f"tram_session={secret}"
        async with socket_with(address, "scope=map", Cookie=cookie) as theirs:
            await greeted(theirs)
    async with socket(address, "scope=map", login) as later:  # the places are free again
        await greeted(later)


def test_a_person_and_an_address_have_bounds_of_their_own() -> None:
    places = LiveQuota()
    one = Viewer(PersonId(1), OrgId(1), "x", ())
    seats = [places.take(one, "192.0.2.1") for _ in range(20)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live_places, "PER_PERSON_MAX", 20)
        with pytest.raises(Unavailable, match="Too many live views"):
            places.take(one, "192.0.2.2")
        patch.setattr(live_places, "PER_ADDRESS_MAX", 20)
        another = Viewer(PersonId(2), OrgId(2), "y", ())
        with pytest.raises(Unavailable, match="Too many live views"):
            places.take(another, "192.0.2.1")
        places.take(another, "192.0.2.2")
    for seat in seats:
        places.give_back(seat)
    assert len(places._counts) == 4


async def _session(province: Province, login: str) -> tuple[str, str]:
    opened = await province.registry.sessions.log_in(login, PASSWORD, "")
    return opened.secret, opened.csrf
