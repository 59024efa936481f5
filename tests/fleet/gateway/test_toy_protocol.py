"""A protocol from elsewhere: registered by its package's entry point, and by nothing else."""

import asyncio
import json
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from prometheus_client import generate_latest

from tests.fleet.gateway.rig import FIRST, OTHER_TOKEN, TOKEN, Rig, running
from tram.fleet.block.block import EventKind, Message, Protocol, fingerprint
from tram.fleet.device_api.interfaces import ShownCredentials
from tram.fleet.gateway.context import GatewayContext
from tram.fleet.gateway.listeners import Listeners
from tram.fleet.gateway.metrics import ProtocolMetrics
from tram.fleet.gateway.protocol import PACKAGE, DeviceProtocol, ListenerRow, installed_protocols
from tram.runtime.errors import Refused
from tram.runtime.processes.process import free_ports

OK, LATER, REFUSED = b"\x00", b"\x01", b"\x02"
NUMBER = 200


class Toy(DeviceProtocol):
    """One datagram is a token, a space and JSON; the answer is one byte."""

    name = "toy"
    number = NUMBER
    rows = (ListenerRow("Toy over UDP", ("toy.port",)),)
    port = 0

    async def open(self, context: GatewayContext, listeners: Listeners) -> None:
        context.metrics.add(NUMBER, ProtocolMetrics("toy"))
        listeners.datagrams(self.port, ToyServer(context))


class ToyServer:
    later = LATER

    def __init__(self, context: GatewayContext) -> None:
        self.context = context

    async def answer(self, datagram: bytes, _peer: tuple) -> bytes:
        token, _, payload = datagram.partition(b" ")
        context, now_ms = self.context, self.context.clock.now_ms()
        try:
            shown = ShownCredentials(token.decode())
            device = await context.neighbours.identity.identify(shown)
        except Refused:
            return REFUSED
        message = Message(device.device, device.org, 0, False, 1, NUMBER, fingerprint(payload))
        take = partial(context.api.telemetry, message, payload, now_ms)
        try:
            block = context.connections.backpressure.take_datagram(device, len(datagram), take)
        except Refused as error:
            await context.durable(context.api.refuse(device, error, payload))
            return REFUSED
        if block is None:
            return LATER
        await context.durable(block)
        return OK


TOY = Toy()


class Sender:
    """A device of the test; it waits for each answer."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.connect(("127.0.0.1", port))

    async def ask(self, payload: bytes, token: str = TOKEN) -> bytes:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.socket, token.encode() + b" " + payload)
        async with asyncio.timeout(10):
            return await loop.sock_recv(self.socket, 100)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a package that holds nothing but the entry point."""
    folder = tmp_path / "toy_protocol-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-protocol\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[{PACKAGE}]\ntoy = {__name__}:TOY\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(Toy, "port", free_ports(1)[0])


@pytest.fixture
def sender(installed: None) -> Iterator[Sender]:
    sender = Sender(Toy.port)
    yield sender
    sender.socket.close()


async def test_a_datagram_is_acknowledged_when_its_block_is_on_disk(sender: Sender) -> None:
    async with running() as rig:
        rig.sink.open.clear()
        waiting = asyncio.create_task(sender.ask(b'{"t": 21.5}'))
        await rig.until(lambda: rig.sink.begun)
        await asyncio.sleep(0.05)
        assert not waiting.done()

        rig.sink.open.set()
        assert await waiting == OK

    assert [(r["device"], r["metric"], r["f"]) for r in rig.sink.readings] == [
        (FIRST.device, "t", 21.5)
    ]
    assert rig.sink.messages[0]["protocol"] == NUMBER
    assert Protocol(NUMBER).name == "OTHER"


async def test_a_full_gateway_answers_that_the_datagram_is_to_come_again(sender: Sender) -> None:
    async with running(pending_bytes_max=65_536) as rig:
        rig.sink.open.clear()
        await fill(rig)
        assert await sender.ask(b'{"t": 1}') == LATER

        rig.sink.open.set()
        async with asyncio.timeout(10):
            while await sender.ask(b'{"t": 2}') == LATER:
                await asyncio.sleep(0.02)

    assert rig.sink.values("t")[-1] == 2
    assert 1 not in rig.sink.values("t")


async def fill(rig: Rig) -> None:
    """Send by another protocol until the gateway reads no more."""
    texts = json.dumps({f"x{number}": "x" * 4_000 for number in range(10)}).encode()
    for token in (TOKEN, OTHER_TOKEN):
        wire = await rig.connect(token=token)
        wire.publish(texts)
    await rig.until(lambda: rig.gateway.metrics.pending_bytes > 65_536)


async def test_a_device_beyond_its_pace_is_told_to_come_again(sender: Sender) -> None:
    async with running(device_messages_per_s=1) as rig:
        answers = [await sender.ask(b'{"t": 1}') for _ in range(13)]
    assert answers[:10] == [OK] * 10
    assert answers[-1] == LATER
    assert len(rig.sink.values("t")) == answers.count(OK)


async def test_a_wrong_token_and_a_wrong_payload_are_refused(sender: Sender) -> None:
    async with running() as rig:
        assert await sender.ask(b'{"t": 1}', "tr_nobody") == REFUSED
        assert await sender.ask(b"{") == REFUSED
        rig.identity.is_behind = True
        assert await sender.ask(b'{"t": 1}') == LATER

    assert not rig.sink.readings
    (refused,) = [e for e in rig.sink.events if e["kind"] == EventKind.REFUSED]
    assert (refused["device"], refused["code"]) == (FIRST.device, "payload.not_json")


async def test_a_fault_of_the_protocol_costs_nobody_else_anything(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running() as rig:
        with monkeypatch.context() as broken:
            broken.setattr(ToyServer, "answer", lambda *_: 1 / 0)
            sender.socket.send(b"x {}")
            await rig.until(lambda: rig.gateway.metrics.faults)
        assert await sender.ask(b'{"t": 1}') == OK
        rig.faults.append("ZeroDivisionError")


async def test_its_metrics_and_its_row_are_there(sender: Sender) -> None:
    async with running() as rig:
        assert await sender.ask(b'{"t": 1}') == OK
        async with httpx.AsyncClient() as client:
            await client.post(f"{rig.url}/api/v1/{TOKEN}/telemetry", json={"t": 2})
        lines = generate_latest(rig.gateway.metrics).decode().splitlines()

    assert 'tram_gateway_messages_total{protocol="toy",qos="1"} 1.0' in lines
    assert 'tram_gateway_messages_total{protocol="http",qos="1"} 1.0' in lines
    rows = [row.spoken for one in installed_protocols() for row in one.rows]
    assert rows[-1] == "Toy over UDP"


def test_two_protocols_of_one_name_are_a_mistake(
    installed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Toy, "name", "mqtt")
    with pytest.raises(ValueError, match="mqtt"):
        installed_protocols()


def test_a_protocol_of_another_process_is_not_the_gateways(
    installed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Toy, "process", "toys")
    assert [one.name for one in installed_protocols()] == ["http", "mqtt"]
    assert [one.name for one in installed_protocols("toys")] == ["toy"]
