"""A gateway on real sockets with a sink and an identity in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import msgspec

from tests.fleet.gateway import client_packets
from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.fleet.block.block import Block, decode_block
from tram.fleet.device_api.downlinks import DownlinkReport, Pending
from tram.fleet.device_api.interfaces import Device, GatewayDependencies, ShownCredentials
from tram.fleet.gateway.gateway import Gateway
from tram.fleet.gateway.protocol import installed_protocols
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.fleet.gateway.settings import GatewaySettings
from tram.runtime.clock import Clock, SystemClock
from tram.runtime.errors import Refused, Unavailable
from tram.runtime.processes.process import free_ports

BOOT = "boot000000000001"
TOKEN = "tr_first"
OTHER_TOKEN = "tr_second"
FIRST = Device(DeviceId(1), OrgId(10), ProfileId(100), b"1" * 32)
SECOND = Device(DeviceId(2), OrgId(20), ProfileId(100), b"2" * 32)
TELEMETRY = "v1/devices/me/telemetry"
ATTRIBUTES = "v1/devices/me/attributes"


class MemoryIdentity:
    def __init__(self) -> None:
        self.devices = {TOKEN: FIRST, OTHER_TOKEN: SECOND}
        self.trusted: list[bytes] = []
        self.is_behind = False
        self.open = asyncio.Event()
        self.open.set()
        self.look_ups = 0
        self.knocks: list[ShownCredentials] = []
        self.callbacks: list[Callable[[bytes], None]] = []

    async def identify(self, presented: ShownCredentials) -> Device:
        token = presented.user_name or ""
        self.look_ups += 1
        self.knocks.append(presented)
        await self.open.wait()
        if self.is_behind:
            raise Unavailable("identity.behind", "Not up to date.")
        if token not in self.devices:
            raise Refused("token.unknown", "The token is not known.")
        return self.devices[token]

    def on_gone(
        self, callback: Callable[[bytes], None], bound: Callable[[], Iterable[bytes]]
    ) -> None:
        self.callbacks.append(callback)
        self.bound = bound

    def on_trust(self, callback: Callable[[bytes], None]) -> None:
        for certificate in self.trusted:
            callback(certificate)

    def revoke(self, token: str) -> None:
        device = self.devices.pop(token)
        for callback in self.callbacks:
            callback(device.credential)


class MemoryDesk:
    """Answers what a test taught it."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[Device | None, bytes], bytes]] = {
            "profile": lambda _device, _body: b'{"topics": []}',
            "attributes": lambda _device, _body: b"{}",
        }

    async def ask(self, question: str, device: Device | None, body: bytes) -> bytes:
        await asyncio.sleep(0)
        if question not in self.answers:
            raise Unavailable("desk.silent", "Nobody is there.")
        return self.answers[question](device, body)


class MemoryReports:
    def __init__(self) -> None:
        self.reports: list[DownlinkReport] = []

    async def put(self, report: DownlinkReport) -> None:
        await asyncio.sleep(0)
        msgspec.msgpack.encode(report)  # as the log does
        self.reports.append(report)


class MemorySessions:
    """Sessions that outlive gateways, as long as the test keeps this object."""

    def __init__(self) -> None:
        self.stored: dict[tuple[int, str], bytes] = {}
        self.queues: dict[tuple[int, str], dict[int, bytes]] = {}
        self.kept: dict[tuple[int, str], bytes] = {}
        self.left: dict[tuple[str, int, str], bytes] = {}
        self.places = 0

    def belongs(self, device: int, org: int) -> None:
        """Let every organisation keep what it likes."""

    def may_have(self, device: int, client: str | None = None) -> bool:
        return any(key[0] == device and client in (None, key[1]) for key in self.stored)

    async def load(self, device: int, client: str) -> bytes | None:
        return self.stored.get((device, client))

    async def sessions(self, device: int) -> list[bytes]:
        return [content for key, content in self.stored.items() if key[0] == device]

    async def save(self, device: int, client: str, content: bytes) -> None:
        await asyncio.sleep(0)
        self.stored[device, client] = content

    async def forget(self, device: int, client: str) -> None:
        self.stored.pop((device, client), None)
        self.queues.pop((device, client), None)

    async def push(self, device: int, client: str, content: bytes) -> int:
        await asyncio.sleep(0)
        self.places += 1
        self.queues.setdefault((device, client), {})[self.places] = content
        return self.places

    async def pull(self, device: int, client: str) -> list[tuple[int, bytes]]:
        return list(self.queues.get((device, client), {}).items())

    async def drop(self, device: int, client: str, place: int) -> None:
        self.queues.get((device, client), {}).pop(place, None)

    async def retain(self, device: int, topic: str, content: bytes) -> None:
        self.kept[device, topic] = content

    async def retained(self, device: int) -> list[bytes]:
        return [c for key, c in self.kept.items() if key[0] == device and c]

    async def keep_will(self, gateway: str, device: int, client: str, content: bytes) -> None:
        await asyncio.sleep(0)
        self.left[gateway, device, client] = content

    async def wills(self, gateway: str) -> list[bytes]:
        return [c for key, c in self.left.items() if key[0] == gateway and c]


class MemoryPeers:
    """Gateways that share this object are each other's peers."""

    def __init__(self) -> None:
        self.gateways: list[tuple] = []
        self.asker: tuple | None = None

    def listen(self, taken, told) -> None:
        self.gateways.append((taken, told))

    async def take(self, device: int, client: str) -> None:
        for taken, _ in self.gateways[:-1]:
            with suppress(TimeoutError):  # one that has stopped answers nobody
                async with asyncio.timeout(1):
                    await taken([(device, client)])

    async def tell(self, device: int, content: bytes) -> None:
        for _, told in self.gateways[:-1]:
            told(device, content)


@dataclass
class World:
    """What gateways share."""

    reports: MemoryReports = field(default_factory=MemoryReports)
    sessions: MemorySessions = field(default_factory=MemorySessions)
    peers: MemoryPeers = field(default_factory=MemoryPeers)
    downlinks: Pending = field(default_factory=Pending)

    def neighbours(self, identity, sink, rpc) -> GatewayDependencies:
        return GatewayDependencies(
            identity, sink, rpc, self.downlinks, self.reports, self.sessions, self.peers
        )


class MemorySink:
    """Keeps blocks; ``open`` is the disk: while it is cleared, no put returns."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.numbers: list[int] = []
        self.begun = 0
        self.under_way = 0
        self.open = asyncio.Event()
        self.open.set()
        self.error: Unavailable | None = None

    async def put(self, number: int, payload: bytes) -> None:
        self.begun += 1
        self.under_way += 1
        assert self.under_way == 1, "two blocks on their way at once"
        assert len(payload) < 1_000_000
        await self.open.wait()
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        self.under_way -= 1
        self.numbers.append(number)
        self.blocks.append(decode_block(payload))

    @property
    def messages(self) -> list[dict]:
        return [line for block in self.blocks for line in block.messages.to_pylist()]

    @property
    def readings(self) -> list[dict]:
        """All readings, with the device of their message."""
        lines = []
        for block in self.blocks:
            messages = block.messages.to_pylist()
            lines += [
                line | {"device": messages[line["message"]]["device"]}
                for line in block.readings.to_pylist()
            ]
        return lines

    @property
    def events(self) -> list[dict]:
        return [line for block in self.blocks for line in block.events.to_pylist()]

    def values(self, metric: str) -> list[object]:
        """The values of a metric, whole or float, in the order of the log."""
        return [
            line["i"] if line["i"] is not None else line["f"]
            for line in self.readings
            if line["metric"] == metric
        ]


@dataclass
class Rig:
    gateway: Gateway
    world: World
    sink: MemorySink
    identity: MemoryIdentity
    rpc: MemoryDesk
    stop: asyncio.Event
    task: asyncio.Task
    mqtt_port: int
    http_port: int
    url: str = field(init=False)
    faults: list[str] = field(default_factory=list)
    """Errors that the test brings about: any other fails it."""

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{self.http_port}"

    async def until(self, condition: Callable[[], object], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # the condition has no event
                await asyncio.sleep(0.005)

    async def connect(self, **fields) -> "Wire":
        wire = await self.wire()
        assert await wire.begin(**fields) == codec.ACCEPTED
        return wire

    async def wire(self) -> "Wire":
        reader, writer = await asyncio.open_connection("127.0.0.1", self.mqtt_port)
        return Wire(reader, writer)


@dataclass
class Wire:
    """A bare MQTT connection of the test."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, *packets: bytes) -> None:
        self.writer.write(b"".join(packets))

    def publish(self, payload: bytes, packet_id: int = 1, qos: int = 1, **more) -> None:
        self.send(codec.build_publish(TELEMETRY, payload, qos, packet_id, **more))

    async def begin(self, token: str | None = TOKEN, client_id: str = "c", **fields) -> int:
        connect = codec.Connect(4, client_id, user_name=token)._replace(**fields)
        self.send(codec.build_connect(connect))
        first, body = await self.packet()
        assert first == codec.CONNACK
        present, code = client_packets.parse_connack(body)
        assert not present
        return code

    async def packet(self, seconds: float = 10) -> tuple[int, bytes]:
        async with asyncio.timeout(seconds):
            first, length = await self.reader.readexactly(2)
            return first, await self.reader.readexactly(length)

    async def answer(self) -> tuple[int, int]:
        first, body = await self.packet()
        return first, codec.parse_ack(body, five=False)[0]

    async def is_quiet(self, seconds: float = 0.1) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self.reader.read(1) is None
        except TimeoutError:
            return True

    async def is_closed(self, seconds: float = 10) -> bool:
        """Wait for the end; answers before it are thrown away."""
        try:
            async with asyncio.timeout(seconds):
                while await self.reader.read(1000):
                    pass
        except ConnectionError:
            pass
        self.writer.close()
        return True

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


@asynccontextmanager
async def running(
    clock: Clock | None = None, world: World | None = None, **settings
) -> AsyncIterator[Rig]:
    own_port, http_port = free_ports(2)
    mqtt_port = settings.pop("mqtt_port", 0) or own_port
    defaults = {"mqtt_port": mqtt_port, "http_port": http_port, "flush_ms": 5}
    sink, identity, stop = MemorySink(), MemoryIdentity(), asyncio.Event()
    rpc = MemoryDesk()
    world = world or World()
    neighbours = world.neighbours(identity, sink, rpc)
    gateway = Gateway(
        GatewaySettings(**defaults | settings),
        neighbours,
        clock or SystemClock(),
        BOOT,
        installed_protocols(),
    )
    task = asyncio.create_task(gateway.run(stop))
    rig = Rig(gateway, world, sink, identity, rpc, stop, task, mqtt_port, http_port)
    await rig.until(lambda: gateway.ports or task.done())
    try:
        yield rig
    finally:
        sink.open.set()
        identity.open.set()
        stop.set()
        if not task.done():
            await task
        found = {kind.split()[0] for kind in gateway.metrics.faults}
        assert found == set(rig.faults), dict(gateway.metrics.faults)
