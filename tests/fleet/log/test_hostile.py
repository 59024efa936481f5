"""What one entry raises costs that entry: reports, questions, changes of others go on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from tests.fleet.log.province import Province, open_province
from tests.nats_process import NatsProcess
from tram.fleet.device_api.downlinks import DownlinkReport
from tram.fleet.device_api.interfaces import Device
from tram.fleet.log.nats_connection import NatsConnection, open_link
from tram.fleet.log.reader import StreamReader
from tram.fleet.log.streams import REPORT_SUBJECT, REPORTS, ensure_streams
from tram.fleet.sync import downlinks, outbox_relay
from tram.fleet.sync.downlink_relay import DownlinkRelay
from tram.fleet.sync.downlinks import ReportLog, decode_reports
from tram.fleet.sync.registry_rpc import RegistryRpcClient, serve_registry_rpc
from tram.registry.devices.downlink_views import NewCall, ReportedDownlink
from tram.registry.kernel.changes import CredentialGone, RegistryChange, encode_changes
from tram.runtime.clock import SystemClock
from tram.runtime.errors import Refused


@pytest_asyncio.fixture
async def links(nats: NatsProcess) -> AsyncIterator[tuple[NatsConnection, NatsConnection]]:
    ops = await open_link(nats.access("ops"), "ops")
    await ensure_streams(ops, 100_000_000, SystemClock())
    await ops.close()
    opened = (
        await open_link(nats.access("gateway"), "gateway"),
        await open_link(nats.access("work"), "work"),
    )
    yield opened
    for link in opened:
        await link.close()


@pytest_asyncio.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    province = await open_province(tmp_path, b"k" * 32)
    yield province
    await province.registry.close()


async def test_a_report_that_cannot_be_kept_fails_only_its_sender(
    links, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downlinks, "_REPORTS_BYTES_MAX", 2_000)
    gateway, work = links
    reports, stop = ReportLog(gateway), asyncio.Event()
    good = [DownlinkReport(n, 1, "answered", 5, b"x" * 900) for n in range(1, 6)]
    bad = [
        DownlinkReport(10**20, 1, "answered", 5),
        DownlinkReport(6, 1, "answered", 5, b"x" * 3_000),
    ]
    async with asyncio.TaskGroup() as group:
        group.create_task(reports.run(stop))
        done = await asyncio.gather(*map(reports.put, [*bad, *good]), return_exceptions=True)
        stop.set()

    assert [type(one) for one in done] == [Refused] * 2 + [type(None)] * 5
    came: list[DownlinkReport] = []
    async for _, content in StreamReader(work, REPORTS).read(0):
        assert len(content) < 2_100
        came += decode_reports(content)
        if len(came) == len(good):
            break
    assert came == good


async def test_reports_go_on_behind_one_that_raises(
    links, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, work = links
    registry = province.registry
    device, _ = await province.device("A")
    first = await registry.downlinks.call(province.viewer, device, NewCall(method="on"))
    apply = registry.downlinks.apply

    async def raising(reports: list[ReportedDownlink]) -> object:
        if any(report.number == 13 for report in reports):
            raise RuntimeError("A fault of ours.")
        return await apply(reports)

    monkeypatch.setattr(registry.downlinks, "apply", raising)
    batch = [
        DownlinkReport(2**63, device, "answered", 5, b"1"),
        DownlinkReport(13, device, "answered", 5, b"1"),
        DownlinkReport(first, device, "answered", 5, b"a\0b"),
    ]
    for content in (b"\xc1 damaged", msgspec.msgpack.encode(batch)):
        await gateway.jetstream.publish(REPORT_SUBJECT, content)
    async with running(DownlinkRelay(work, registry.downlinks, registry.set_aside, SystemClock())):
        async with asyncio.timeout(10):
            while (await registry.downlinks.list(province.viewer, device))[0].state != "answered":
                await asyncio.sleep(0.05)

    (row,) = await registry.downlinks.list(province.viewer, device)
    assert row.answer == "a\ufffdb"
    aside = await registry.set_aside.list(province.viewer)
    assert sorted((one.kind, one.org) for one in aside) == [
        ("report", province.root),
        ("reports", None),
    ]


@contextlib.asynccontextmanager
async def running(relay: DownlinkRelay) -> AsyncIterator[None]:
    task = asyncio.get_running_loop().create_task(relay.run())
    try:
        yield
    finally:
        assert not task.done()
        task.cancel()
        await asyncio.wait({task})


async def test_a_question_that_brings_out_a_fault_is_answered_and_the_next_too(links) -> None:
    async def fail(device: Device | None, body: bytes) -> bytes:
        raise ValueError("A fault of ours.")

    async def echo(device: Device | None, body: bytes) -> bytes:
        return body

    gateway, work = links
    await serve_registry_rpc(work, {"fail": fail, "echo": echo})
    rpc = RegistryRpcClient(gateway)
    with pytest.raises(Refused) as refused:
        await rpc.ask("fail", None, b"")
    assert refused.value.code == "desk.failed"
    assert await rpc.ask("echo", None, b"1") == b"1"


def test_changes_leave_in_messages_that_the_log_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_relay, "_BATCH_BYTES", 1_000)
    changes = [RegistryChange(n, CredentialGone(b"d" * 32)) for n in range(1, 100)]

    parts = list(outbox_relay._parts(changes))

    assert [change for part in parts for change in part] == changes
    assert max(len(encode_changes(part)) for part in parts) <= 1_000
