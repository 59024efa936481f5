"""Rules and alarms over a real registry and a log in memory; mail and webhooks reach real servers."""

import asyncio
import contextlib
import ipaddress
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from tests.fleet.store.conftest import MemoryLog
from tests.provinces import QUANG_NGAI
from tests.registry.world import World, make_world
from tram.fleet.alarms.alarms import Alarms
from tram.fleet.alarms.console.alarm_filter import AlarmFilter
from tram.fleet.alarms.notices.delivery import NoticeChannels, NoticeDispatcher
from tram.fleet.alarms.notices.escalation import Escalation
from tram.fleet.alarms.notices.webhook_client import WebhookCaller
from tram.fleet.alarms.raising.consumer import RulesConsumer
from tram.fleet.alarms.raising.transition_writer import TransitionWriter
from tram.fleet.alarms.views import AlarmAct, NewRule, RuleContent
from tram.fleet.block.block import BlockBuilder, BlockHeader, Message
from tram.fleet.device.rows import Row
from tram.registry.people.mail_server import MailServer
from tram.registry.registry import Registry
from tram.runtime.clock import ManualClock
from tram.runtime.processes.process import free_port

START_MS = 1_795_000_000_000
KEY = b"a key of thirty-two bytes, really"
MINUTE_MS = 60_000


class Inbox:
    """A real mail server that keeps what it gets; it may refuse."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []
        self.refusing = False

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802  # its own name
        if self.refusing:
            return "451 try again later"
        self.mails.append((envelope.rcpt_tos[0], envelope.content.decode(errors="replace")))
        return "250 OK"


@dataclass
class Hook:
    """A real HTTP server that keeps what it is called with."""

    port: int
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200


class Ports:
    def __init__(self, log: MemoryLog, registry: Registry, alarms: Alarms) -> None:
        self.log = log
        self.changes = registry.outbox
        self.marks: list[tuple[int, int]] = []
        self._alarms = alarms
        self._aside = registry.set_aside

    async def rules(self):
        return await self._alarms.rules.active()

    async def set_aside(self, entry, error) -> None:
        await self._aside.note(entry, error)

    async def mark(self, epoch: int, seq: int) -> None:
        self.marks.append((epoch, seq))


@dataclass
class Watch:
    """Everything that judges and tells, driven by hand."""

    world: World
    alarms: Alarms
    log: MemoryLog
    folder: Path
    outbox: NoticeDispatcher
    escalation: Escalation
    inbox: Inbox
    hook: Hook
    consumer: RulesConsumer | None = None

    def __post_init__(self) -> None:
        self.renew()

    @property
    def clock(self) -> ManualClock:
        return self.world.clock

    def renew(self) -> None:
        """A process of its own, as after a crash."""
        self.ports = Ports(self.log, self.world.registry, self.alarms)
        self.block_writer = TransitionWriter(self.world.registry.database, self.clock)
        self.consumer = RulesConsumer(self.folder, self.ports, self.block_writer, self.clock)

    def send(self, device: int, later_ms: int = 1_000, **values: object) -> None:
        """One message with values of this moment."""
        self.clock.advance(later_ms)
        at_ms = self.clock.now_ms()
        self.block({device: [Row(metric, at_ms, value) for metric, value in values.items()]})

    def block(self, rows: dict[int, list[Row]], received_ms: int | None = None) -> None:
        builder = BlockBuilder()
        for device, some in rows.items():
            builder.add_message(Message(device, self.world.red.org, 0, False, 1, 1, 1), some)
        header = BlockHeader("boot000000000001", 1, received_ms or self.clock.now_ms())
        self.log.append(builder.encode(header))

    def silence(self, seconds: int) -> None:
        """Let time pass while the gateway writes its heartbeats."""
        for _ in range(seconds // 10):
            self.clock.advance(10_000)
            self.block({})

    async def judge(self) -> None:
        """Judge all that is in the log."""
        await self.step(self.consumer)

    async def step(self, consumer: RulesConsumer) -> None:
        if not getattr(consumer, "opened", False):
            await consumer._open()
            consumer.opened = True
        await consumer._refresh()
        entries = self.log.entries[consumer.engine.seq :]
        if entries:
            await consumer._commit(consumer._apply(entries))
            await consumer._put_aside()
        await consumer._refresh()

    async def deliver(self) -> None:
        """Send what is due."""
        await self.escalation.once()
        relay = asyncio.create_task(self.outbox.run())
        async with asyncio.timeout(20):
            while await self.outbox.is_due() or not self.outbox.is_idle:
                self.outbox.wake()
                await asyncio.sleep(0.01)
        relay.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await relay

    async def rule(self, spec: dict, **given):
        content = {"spec": spec} | {
            name: given.pop(name) for name in ("scope", "query", "hours") if name in given
        }
        new = {"name": "Luật", "severity": "major", "enabled": True, **given}
        from msgspec import convert

        return await self.alarms.rules.create(
            self.world.red.viewer, NewRule(content=convert(content, RuleContent), **new)
        )

    async def list(self, viewer=None, **wanted):
        page = await self.alarms.console.page(
            viewer or self.world.red.viewer, AlarmFilter(**{"state": "all", **wanted})
        )
        return page.items

    async def act(self, alarm: int, kind: str, **given) -> None:
        await self.alarms.console.act(self.world.red.viewer, [alarm], AlarmAct(kind=kind, **given))


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    made = Hook(free_port())

    async def answer(reader, writer) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])
        }
        body = await reader.readexactly(int(headers["content-length"]))
        made.calls.append((headers, body))
        writer.write(
            f"HTTP/1.1 {made.status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", made.port)
    yield made
    server.close()
    await server.wait_closed()


@pytest.fixture
def inbox():
    made = Inbox()
    made.port = free_port()
    controller = Controller(made, hostname="127.0.0.1", port=made.port)
    controller.start()
    yield made
    controller.stop()


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A database with two organisations, and what is in it; each test takes a copy."""
    file = tmp_path_factory.mktemp("seeded") / "r.db"
    clock = ManualClock(START_MS)

    async def make() -> World:
        registry = await Registry.open(f"sqlite+aiosqlite:///{file}", clock, KEY, QUANG_NGAI)
        try:
            return await make_world(registry, clock)
        finally:
            await registry.close()

    return file, asyncio.run(make())


@pytest.fixture
async def watch(
    tmp_path: Path, seeded: tuple[Path, World], inbox: Inbox, hook: Hook
) -> AsyncIterator[Watch]:
    file, made = seeded
    shutil.copy(file, tmp_path / "r.db")
    clock = ManualClock(START_MS)
    registry = await Registry.open(
        f"sqlite+aiosqlite:///{tmp_path / 'r.db'}", clock, KEY, QUANG_NGAI
    )
    world = replace(made, registry=registry, clock=clock)
    folder = tmp_path / "rules"
    folder.mkdir()
    database = registry.database
    mailer = MailServer("127.0.0.1", inbox.port, "tram@example.org")
    caller = WebhookCaller(clock, KEY, (ipaddress.ip_network("127.0.0.0/8"),))
    outbox = NoticeDispatcher(
        database, clock, NoticeChannels(mailer, caller, "http://tram.example")
    )
    yield Watch(
        world, Alarms(database, clock, KEY), MemoryLog(), folder, outbox,
        Escalation(database, clock), inbox, hook,
    )  # fmt: skip
    await registry.close()
