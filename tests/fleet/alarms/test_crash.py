"""``kill -9`` at random moments: no alarm is lost, none doubled, no notice is a second one."""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fleet.alarms.conftest import KEY, Hook
from tests.nats_process import NatsProcess
from tests.provinces import QUANG_NGAI
from tests.registry.world import make_world
from tram.fleet.alarms.alarms import Alarms
from tram.fleet.alarms.console.alarm_filter import AlarmFilter
from tram.fleet.alarms.escalation_chains import EscalationStep
from tram.fleet.alarms.raising.transition_writer import TransitionWriter
from tram.fleet.alarms.views import Chain, NewRule, RuleContent, Webhook
from tram.fleet.block.block import BlockBuilder, BlockHeader, Message
from tram.fleet.device.rows import Row
from tram.fleet.log.nats_connection import NatsConnection
from tram.fleet.log.publisher import LogPublisher
from tram.fleet.rules.kinds import Limit, RuleScope
from tram.registry.kernel.views import SeededDevice
from tram.registry.registry import Registry
from tram.runtime.clock import SystemClock

BOOT = "boot000000000001"
TOLD, ALL = 15, 150
KILLS = 3


async def test_nothing_is_lost_or_doubled_when_the_process_is_killed(  # noqa: PLR0915  # one story
    nats: NatsProcess, ops_link: NatsConnection, tmp_path: Path, hook: Hook
) -> None:
    clock, rng = SystemClock(), random.Random(9)
    registry = await Registry.open(
        f"sqlite+aiosqlite:///{tmp_path / 'r.db'}", clock, KEY, QUANG_NGAI
    )
    world = await make_world(registry, clock)
    seeded: list[SeededDevice] = []
    await registry.seed_devices(world.system, ALL, org=world.red.org, sink=seeded.extend)
    devices = [int(one.id) for one in seeded]
    alarms = Alarms(registry.database, clock, KEY)
    url = f"http://127.0.0.1:{hook.port}/x"
    number = await alarms.setup.add_webhook(world.red.viewer, Webhook(name="x", url=url))
    chain = await alarms.setup.add_chain(
        world.red.viewer, Chain(name="x", steps=[EscalationStep(webhooks=[number])])
    )
    for chosen, told in ((devices[:TOLD], chain), (devices[TOLD:], None)):
        content = RuleContent(
            spec=Limit(metric="v", high=30.0, dwell_s=1), scope=RuleScope(devices=chosen)
        )
        new = NewRule(name="x", severity="major", content=content, enabled=True, chain=told)
        await alarms.rules.create(world.red.viewer, new)
    block_writer = TransitionWriter(registry.database, clock)
    publishing = asyncio.create_task(publish(LogPublisher(ops_link, BOOT, clock), devices))
    for _ in range(KILLS):
        before = await block_writer.committed()
        with victim(nats, tmp_path):
            async with asyncio.timeout(60):
                while await block_writer.committed() == before and not publishing.done():
                    await asyncio.sleep(0.02)
            await asyncio.sleep(rng.uniform(0.0, 0.6))

    async def found():
        wanted = AlarmFilter(state="all")
        return (await alarms.console.page(world.red.viewer, wanted, limit=1000)).items

    with victim(nats, tmp_path):
        await publishing
        async with asyncio.timeout(60):
            while (
                len([a for a in await found() if a.state == "cleared"]) < ALL
                or len(keys(hook)) < 2 * TOLD
            ):
                await asyncio.sleep(0.2)
    rows = await found()
    log = await alarms.personal.notices(world.red.viewer)
    await registry.close()

    assert sorted(a.device for a in rows) == sorted(devices)
    assert {(a.count, a.state) for a in rows} == {(1, "cleared")}
    assert sorted(n.key for n in log) == sorted(keys(hook))
    bodies = {headers["idempotency-key"]: json.loads(body) for headers, body in hook.calls}
    for kind in ("alarm", "clear"):
        told = sorted(body["device_id"] for body in bodies.values() if body["kind"] == kind)
        assert told == sorted(devices[:TOLD])


def keys(hook: Hook) -> set[str]:
    return {headers["idempotency-key"] for headers, _ in hook.calls}


@contextmanager
def victim(nats: NatsProcess, folder: Path) -> Iterator[None]:
    """A process that is killed at the end of the block, and ends with this one if need be."""
    access = nats.access("alarms")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fleet.alarms.victim", access.url, access.seed, str(folder)],
        stdin=subprocess.PIPE,
    )
    try:
        yield
    finally:
        process.kill()
        process.communicate()


def test_the_victim_ends_with_the_process_that_started_it(nats: NatsProcess, tmp_path) -> None:
    access = nats.access("alarms")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.fleet.alarms.victim",
            access.url,
            access.seed,
            str(tmp_path),
        ],
        stdin=subprocess.PIPE,
    )
    try:
        process.stdin.close()  # what the kernel does when the test is killed
        assert process.wait(60) == 1
    finally:
        process.kill()


async def publish(publisher: LogPublisher, devices: list[int]) -> None:
    """Every device goes beyond its limit once, at a time of its own, and comes back."""
    start_ms = SystemClock().now_ms()
    for number in range(1, 101):
        at_ms = start_ms + number * 1_000
        builder = BlockBuilder()
        for place, device in enumerate(devices):
            up = 5 + place % 60
            value = 40.0 if up <= number < up + 12 else 20.0
            message = Message(device, 1, 0, False, 1, 1, 1)
            builder.add_message(message, [Row("v", at_ms, value)])
        header = BlockHeader(BOOT, number, SystemClock().now_ms())
        await publisher.put(number, builder.encode(header))
        await asyncio.sleep(0.15)
