"""What a device can say and ask, without a protocol: each maps its topics or paths to these verbs.

What a device states goes into the open block, and the verb returns that block: it is acknowledged
when the block is on disk. What is asked elsewhere is awaited. A refusal is raised, never answered
here: ``refuse`` puts it on the device's page.
"""

from collections import Counter
from collections.abc import Coroutine, Sequence
from typing import Any, Final, Protocol

from tram.domain.ids import DeviceId
from tram.fleet.block.block import Event, EventKind, Message
from tram.fleet.block.open_block import OpenBlock
from tram.fleet.device.decoders.device_json import (
    Attribute,
    decode_attributes,
    decode_plain,
    decode_telemetry,
)
from tram.fleet.device.rows import Row
from tram.fleet.device.topics import TopicRule, rule_of
from tram.fleet.device_api.behind import DevicesBehind
from tram.fleet.device_api.downlinks import DownlinkReport, call_number
from tram.fleet.device_api.excerpts import excerpt
from tram.fleet.device_api.interfaces import BlockAppender, Device, GatewayDependencies
from tram.fleet.device_api.long_polls import LongPolls
from tram.fleet.device_api.registry_queries import RegistryQueries
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("AcceptedCounts", "DeviceApi", "topic_unknown")

TOPIC_CHARS_SHOWN: Final = 100
_ATTRIBUTE: Final = int(EventKind.ATTRIBUTE)


class AcceptedCounts(Protocol):
    """What is counted of all devices together."""

    accepted: dict[int, dict[int, int]]
    """Messages by QoS, of each protocol (by its number)."""
    refused: Counter[str]
    """Messages by the code of their refusal."""


class DeviceApi:
    """The verbs of one gateway; ``behind`` are those of devices behind another one.

    A verb that takes a ``Message`` raises ``Refused`` when the payload is not what it should be.
    One that asks the registry raises ``Refused`` when that refuses, ``Unavailable`` when it is silent.
    """

    def __init__(
        self,
        blocks: BlockAppender,
        neighbours: GatewayDependencies,
        clock: Clock,
        counts: AcceptedCounts,
    ) -> None:
        self._blocks = blocks
        self._clock = clock
        self._accepted = counts.accepted
        self._refused = counts.refused
        self._downlinks = neighbours.downlinks
        self._reports = neighbours.reports
        self._queries = RegistryQueries(neighbours.rpc, clock)
        self.behind = DevicesBehind(self, self._queries)
        self.polls = LongPolls(self._downlinks, self.report, clock)

    # What a device states

    def telemetry(self, message: Message, payload: bytes, now_ms: int) -> OpenBlock:
        """Take values as the device API writes them."""
        plain = decode_plain(payload, now_ms)
        if plain is not None:
            values, at_ms, quality = plain
            self._accepted[message.protocol][message.qos] += 1
            return self._blocks.add_values(message, values, at_ms, quality, len(payload))
        return self.take_rows(message, decode_telemetry(payload, now_ms), len(payload))

    def attributes(self, message: Message, payload: bytes, now_ms: int) -> OpenBlock:
        """Take facts that the device states about itself."""
        return self.take_attributes(message, decode_attributes(payload), now_ms)

    def free(
        self, device: Device, topic: str, message: Message, payload: bytes, now_ms: int
    ) -> OpenBlock | Coroutine[Any, Any, OpenBlock]:
        """Take values of a free topic, read as the device's profile says; ask for it where needed.

        Raises:
            Refused: ``topic.unknown`` where no rule matches, too.
        """
        rules = self._queries.known_rules(device.profile)
        if rules is None:
            return self._after_rules(device, topic, message, payload, now_ms)
        return self._read_free(rules, topic, message, payload, now_ms)

    async def _after_rules(
        self, device: Device, topic: str, message: Message, payload: bytes, now_ms: int
    ) -> OpenBlock:
        rules = await self._queries.rules(device)
        return self._read_free(rules, topic, message, payload, now_ms)

    def _read_free(
        self, rules: Sequence[TopicRule], topic: str, message: Message, payload: bytes, now_ms: int
    ) -> OpenBlock:
        rule = rule_of(rules, topic)
        if rule is None:
            raise topic_unknown(topic)
        return self.take_rows(message, rule.decode(payload, now_ms), len(payload))

    def take_rows(self, message: Message, rows: list[Row], payload_bytes: int) -> OpenBlock:
        """Put a message of decoded values into the block."""
        self._accepted[message.protocol][message.qos] += 1
        return self._blocks.add(message, rows, payload_bytes)

    def take_attributes(
        self, message: Message, attributes: list[Attribute], now_ms: int
    ) -> OpenBlock:
        """Put a message of decoded facts into the block; return the one that holds its last."""
        self._accepted[message.protocol][message.qos] += 1
        block = self._blocks.add(message, [], 0)
        for name, text in attributes:
            event = Event(message.device, message.org, now_ms, _ATTRIBUTE, name, text)
            block = self._blocks.note(event)
        return block

    # What a device asks and answers

    async def ask_attributes(self, device: Device, payload: bytes) -> bytes:
        """Return what the platform keeps under the keys asked for (JSON)."""
        return await self._queries.ask("attributes", device, payload or b"{}")

    async def call_server(self, device: Device, payload: bytes) -> bytes:
        """Return the answer (JSON) to a call of the device."""
        return await self._queries.ask("rpc", device, payload)

    async def answer_call(self, device: Device, digits: str, payload: bytes) -> None:
        """Take the answer to a call, by the number that came with it.

        Raises:
            Refused: ``call.unknown`` where no call can have that number.
        """
        await self.report(device.device, call_number(digits), "answered", payload)

    async def claim(self, device: Device, payload: bytes) -> None:
        """Offer the device to whoever knows its secret."""
        await self._queries.ask("claim", device, payload or b"{}")

    async def provision(self, payload: bytes) -> bytes:
        """Return credentials (JSON) for a device that has none yet."""
        return await self._queries.ask("provision", None, payload)

    def report(
        self, target: DeviceId, number: int, state: str, body: bytes = b""
    ) -> Coroutine[Any, Any, None]:
        """Say what became of a downlink of a device: it waits no more; await that it is on disk."""
        self._downlinks.forget(target, number)
        return self._reports.put(DownlinkReport(number, target, state, self._clock.now_ms(), body))

    # What happens to a device

    def refuse(self, device: Device, error: Refused, payload: bytes) -> OpenBlock:
        """Put a refusal into the block, with what is wrong and how the payload begins."""
        self._refused[error.code] += 1
        faults = "; ".join(
            f"{fault.field}: {fault.sentence}" if fault.field else fault.sentence
            for fault in error.faults
        )
        received = f"Received: {excerpt(payload)}" if payload else ""
        parts = (faults or error.sentence, error.hint, received)
        return self.happened(device, EventKind.REFUSED, error.code, " ".join(filter(None, parts)))

    def happened(
        self, device: Device, kind: EventKind, code: str = "", detail: str = ""
    ) -> OpenBlock:
        """Put an event of a device into the block."""
        event = Event(device.device, device.org, self._clock.now_ms(), int(kind), code, detail)
        return self._blocks.note(event)


def topic_unknown(topic: str) -> Refused:
    """Return the refusal of a topic that nothing is published to."""
    return Refused(
        "topic.unknown",
        f"Nothing is published to {topic[:TOPIC_CHARS_SHOWN]!r}.",
        "Publish to v1/devices/me/telemetry or v1/devices/me/attributes.",
    )
