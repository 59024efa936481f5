"""Who may connect reaches every gateway: in order, through outages, never falsely denied."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from nats.aio.client import Client

from tests.fleet.log.province import Province, open_province
from tests.nats_process import NatsProcess
from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.fleet.device_api.interfaces import Device, ShownCredentials
from tram.fleet.log.nats_connection import NatsConnection, open_link
from tram.fleet.sync import outbox_relay
from tram.fleet.sync.identity_follower import IdentityFollower
from tram.fleet.sync.identity_map import IdentityTable, encode_snapshot
from tram.fleet.sync.outbox_relay import ChangeBeat, OutboxRelay
from tram.fleet.sync.registry_follower import ChangeBatch, RegistryFollower
from tram.registry.kernel.changes import DevicePut, OrgPut
from tram.runtime.clock import SystemClock
from tram.runtime.errors import Refused, Unavailable

HMAC_KEY = b"k" * 32


@pytest_asyncio.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    province = await open_province(tmp_path, HMAC_KEY)
    yield province
    await province.registry.close()


@contextlib.asynccontextmanager
async def pumping(nats: NatsProcess, province: Province) -> AsyncIterator[None]:
    """Run the pump meanwhile."""
    link = await open_link(nats.access("work"), "work")
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(OutboxRelay(link, province.registry, SystemClock()).run(stop))
        try:
            yield
        finally:
            stop.set()
    await link.close()


@contextlib.asynccontextmanager
async def following(
    nats: NatsProcess, folder: Path, admit: Callable[[bytes], Awaitable[Device]] | None = None
) -> AsyncIterator[IdentityFollower]:
    """Run a gateway's follower meanwhile."""
    link = await open_link(nats.access("gateway"), "gateway")
    follower = IdentityFollower(link, HMAC_KEY, folder / "identities", SystemClock(), admit)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(follower.run(stop))
        try:
            yield follower
        finally:
            stop.set()
    await link.close()


async def test_a_token_works_as_soon_as_it_was_made_and_not_after_its_revocation(
    ops_link: NatsConnection, nats: NatsProcess, province: Province, tmp_path: Path
) -> None:
    async with pumping(nats, province), following(nats, tmp_path) as gateway:
        device, token = await province.device("Đồng hồ điện 1")
        gone: list[bytes] = []
        gateway.on_gone(gone.append, list)

        found = await gateway.identify(ShownCredentials(token))
        await province.revoke(device)
        async with asyncio.timeout(5):
            while not gone:
                await asyncio.sleep(0.02)

        assert (found.device, gone) == (device, [found.credential])
        with pytest.raises(Refused) as caught:
            await gateway.identify(ShownCredentials(token))
        assert caught.value.code == "token.unknown"


async def test_without_the_pump_an_unknown_token_is_unavailable_not_unknown(
    ops_link: NatsConnection, nats: NatsProcess, province: Province, tmp_path: Path
) -> None:
    async with following(nats, tmp_path) as gateway:
        with pytest.raises(Unavailable) as never_loaded:
            await gateway.identify(ShownCredentials("tr_unknown"))
        async with pumping(nats, province):
            with pytest.raises(Refused):
                await gateway.identify(ShownCredentials("tr_unknown"))
        with pytest.raises(Unavailable) as no_beat:
            await gateway.identify(ShownCredentials("tr_never_asked_for"))

    assert never_loaded.value.code == no_beat.value.code == "identity.behind"


async def test_a_gateway_that_missed_a_snapshot_takes_it_and_closes_who_is_gone(
    ops_link: NatsConnection,
    nats: NatsProcess,
    province: Province,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_relay, "SNAPSHOT_EVERY", 5)
    devices = [await province.device(f"Cảm biến {n}") for n in range(4)]
    async with pumping(nats, province), following(nats, tmp_path) as gateway:
        admitted = [
            (await gateway.identify(ShownCredentials(token))).credential for _, token in devices
        ]
        gone: list[bytes] = []
        gateway.on_gone(gone.append, lambda: admitted)
        nats.freeze()
        await province.revoke(devices[0][0])
        devices += [await province.device(f"Mới {number}") for number in range(20)]
        nats.thaw()
        async with asyncio.timeout(20):
            while not gone:
                await asyncio.sleep(0.05)

        assert len(gone) == 1
        assert [(await gateway.identify(ShownCredentials(t))).device for _, t in devices[1:]] == [
            d for d, _ in devices[1:]
        ]


async def test_a_killed_server_and_a_new_pump_lose_no_change(
    ops_link: NatsConnection, nats: NatsProcess, province: Province, tmp_path: Path
) -> None:
    async with following(nats, tmp_path) as gateway:
        async with pumping(nats, province):
            _, first = await province.device("Trước")
            await gateway.identify(ShownCredentials(first))
        nats.kill()
        _, second = await province.device("Giữa")
        nats.start()
        async with pumping(nats, province):
            _, third = await province.device("Sau")
            async with asyncio.timeout(20):
                names = [(await find_patiently(gateway, t)).device for t in (first, second, third)]

    assert len(set(names)) == 3


async def find_patiently(gateway: IdentityFollower, token: str) -> Device:
    """Ask again while the answer is *unavailable*, as a device does."""
    while True:
        try:
            return await gateway.identify(ShownCredentials(token))
        except Unavailable:
            await asyncio.sleep(0.1)


async def test_the_store_hears_of_everything_then_of_changes(
    ops_link: NatsConnection, nats: NatsProcess, province: Province
) -> None:
    first, _ = await province.device("Một")
    async with pumping(nats, province):
        link = await open_link(nats.access("store"), "store")
        batches = RegistryFollower(link).follow(-1)
        async with asyncio.timeout(20):
            whole = await anext(batches)
            second, _ = await province.device("Hai")
            later = await until_device(batches, second)
        await link.close()

    assert whole.is_reset
    assert {b.device for b in whole.changes if isinstance(b, DevicePut)} == {first}
    assert province.root in {b.org for b in whole.changes if isinstance(b, OrgPut)}
    assert not later.is_reset
    assert later.version > whole.version


async def until_device(batches: AsyncIterator[ChangeBatch], device: DeviceId) -> ChangeBatch:
    async for batch in batches:
        if any(isinstance(b, DevicePut) and b.device == device for b in batch.changes):
            return batch
    raise AssertionError("the batches ended")


def test_the_table_finds_each_of_many_tokens_and_no_other(tmp_path: Path) -> None:
    digests = [n.to_bytes(32, "little") for n in range(2_000)]  # many share their first bytes
    devices = [Device(DeviceId(n), OrgId(7), ProfileId(3), d) for n, d in enumerate(digests)]
    table = IdentityTable()
    table.load(tmp_path / "identities", encode_snapshot(devices[:1_500]))
    for device in devices[1_500:1_900]:
        table.put(device)
    table.remove(digests[3])

    assert [table.find(d) for d in digests[:3]] == devices[:3]
    assert table.find(digests[3]) is None
    assert [table.find(d) for d in digests[4:1_900]] == devices[4:1_900]
    assert [table.find(d) for d in digests[1_900:]] == [None] * 100


def test_an_empty_snapshot_knows_nobody(tmp_path: Path) -> None:
    table = IdentityTable()
    table.load(tmp_path / "identities", encode_snapshot([]))

    assert table.find(bytes(32)) is None


def test_many_changes_are_folded_into_the_table_and_later_ones_stay(tmp_path: Path) -> None:
    digests = [hashlib.sha256(b"%d" % n).digest() for n in range(3_000)]
    devices = [Device(DeviceId(n), OrgId(7), ProfileId(3), d) for n, d in enumerate(digests)]
    table = IdentityTable()
    table.load(tmp_path / "identities", encode_snapshot(devices[:1_000]))
    for device in devices[1_000:2_000]:
        table.put(device)
    for digest in digests[:500]:
        table.remove(digest)
    moved = replace(devices[600], org=OrgId(8))
    table.put(moved)

    async def fold_while_more_comes() -> None:
        folding = asyncio.ensure_future(table.fold(tmp_path / "identities"))
        await asyncio.sleep(0)
        table.put(devices[2_000])
        table.remove(digests[700])
        await folding

    asyncio.run(fold_while_more_comes())

    assert table.overlaid == 2
    assert [table.find(d) for d in digests[:500]] == [None] * 500
    assert table.find(digests[600]) == moved
    assert table.find(digests[700]) is None
    assert [table.find(d) for d in digests[701:2_001]] == devices[701:2_001]
    assert not (tmp_path / "identities").exists()


async def test_a_beat_between_two_sessions_is_heard_as_any_other(tmp_path: Path) -> None:
    follower = IdentityFollower(NatsConnection(Client()), HMAC_KEY, tmp_path, SystemClock())
    follower._current_s = float("-inf")

    await follower._hear(msgspec.json.encode(ChangeBeat(head=7, at_ms=1)))

    assert follower._heartbeat.head == 7
