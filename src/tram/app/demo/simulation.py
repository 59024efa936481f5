"""The simulated fleet at run time: each device keeps its own pace and sends until acknowledged."""

import asyncio
import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tram.app.demo.fleet import DeviceScript
from tram.app.demo.mqtt import ATTRIBUTES, MqttSender, open_sender
from tram.app.demo.shapes import SimulatedSeries, shape_of
from tram.fleet.gateway.settings import GatewaySettings
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused, Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.until_stopped import work_until

__all__ = ("Simulation", "TokenLine", "read_tokens")

_SEED = 20_250_701
_PACE_S = (4.0, 15.0)
"""Demo devices send more often than real ones, so that a newcomer sees the page move."""
_BACKOFF_S_FIRST = 0.5
_BACKOFF_S_MAX = 15.0
_MESSAGES_BEFORE_MUTE = 12
_MALFORMED_EVERY = 10

log = get_logger()


@dataclass(frozen=True, slots=True)
class TokenLine:
    """One simulated device as its file keeps it."""

    code: str
    token: str
    part: DeviceScript
    metrics: tuple[str, ...]


class Simulation:
    """Runs every device of the tokens file from one seed."""

    def __init__(self, tokens: Path, gateway: GatewaySettings, clock: Clock) -> None:
        self._lines = list(read_tokens(tokens))
        self._gateway = gateway
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Simulate until stopped."""
        acting = [line for line in self._lines if line.part is not DeviceScript.SPARE]
        await work_until(stop, *map(self._live, acting))

    async def _live(self, line: TokenLine) -> None:
        """One device's life: measure, send, and come back after every outage."""
        rng = random.Random(f"{_SEED}:{line.code}")  # noqa: S311  # a simulation, not a secret
        pace_s = rng.uniform(*_PACE_S)
        messages = _messages(line, rng, self._clock)
        sender: MqttSender | None = None
        backoff_s = _BACKOFF_S_FIRST
        payload: bytes | None = None
        await self._clock.sleep(rng.uniform(0, pace_s))
        while True:
            payload = next(messages, None) if payload is None else payload
            if payload is None:
                break
            try:
                if sender is None:
                    sender = await self._connect(line)
                await sender.send(payload)
            except Unavailable:
                if sender is not None:
                    await sender.close()
                sender = None
                await self._clock.sleep(backoff_s * rng.uniform(0.5, 1.5))
                backoff_s = min(2 * backoff_s, _BACKOFF_S_MAX)
                continue
            except Refused as refusal:
                log.info("simulated device gives up", code=line.code, reason=refusal.sentence)
                return
            payload, backoff_s = None, _BACKOFF_S_FIRST
            await self._clock.sleep(pace_s)
        if sender is not None:
            await sender.close()

    async def _connect(self, line: TokenLine) -> MqttSender:
        sender = await open_sender(self._gateway.host, self._gateway.mqtt_port, line.token)
        about = {"synthetic": True, "model": "simulator", "firmware": "1.0.0"}
        await sender.send(msgspec.json.encode(about), ATTRIBUTES)
        return sender


def read_tokens(path: Path) -> Iterator[TokenLine]:
    """Yield the simulated devices; nothing when the file is not there."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            metrics = tuple(line["metrics"].split())
            yield TokenLine(line["code"], line["token"], DeviceScript(line["part"]), metrics)


def _messages(line: TokenLine, rng: random.Random, clock: Clock) -> Iterator[bytes]:
    """Yield what the device sends next, for as long as its part says."""
    series = {
        key: SimulatedSeries(shape_of(key), random.Random(rng.random()))  # noqa: S311  # a simulation; the generator is the seeded one
        for key in line.metrics
    }
    count = 0
    while line.part is not DeviceScript.FALLS_SILENT or count < _MESSAGES_BEFORE_MUTE:
        count += 1
        if line.part is DeviceScript.FAULTY and count % _MALFORMED_EVERY == 0:
            yield b'{"temperature": 31.'
            continue
        now_ms = clock.now_ms()
        values = {key: one.at(now_ms) for key, one in series.items()}
        yield msgspec.json.encode({"ts": now_ms, "values": values})
