"""The verbs of a gateway without a protocol: blocks, registry and log in memory, time by hand."""

from collections import Counter, defaultdict

from tests.fleet.gateway.rig import FIRST, MemoryDesk, MemoryIdentity, MemorySink, World
from tram.fleet.block.block import Block, BlockHeader, Message, decode_block
from tram.fleet.block.open_block import OpenBlock
from tram.fleet.device_api.interfaces import Device
from tram.fleet.device_api.verbs import DeviceApi
from tram.runtime.clock import ManualClock

NOW_MS = 1_795_000_000_000
HEADER = BlockHeader("boot000000000001", 1, NOW_MS)


class OneBlock:
    """Puts everything into one block that never closes by itself."""

    def __init__(self) -> None:
        self.open = OpenBlock(1)

    def add(self, message, rows, payload_bytes) -> OpenBlock:
        self.open.builder.add_message(message, rows)
        self.open.bytes += payload_bytes
        return self.open

    def add_values(self, message, values, at_ms, quality, payload_bytes) -> OpenBlock:
        self.open.builder.add_values(message, values, at_ms, quality)
        self.open.bytes += payload_bytes
        return self.open

    def note(self, event) -> OpenBlock:
        self.open.builder.add_event(event)
        return self.open


class Counts:
    """What a gateway counts of its messages."""

    def __init__(self) -> None:
        self.accepted: dict[int, dict[int, int]] = defaultdict(Counter)
        self.refused: Counter[str] = Counter()


class Station:
    """The verbs and everything that they reach."""

    def __init__(self) -> None:
        self.world = World()
        self.desk = MemoryDesk()
        self.clock = ManualClock(NOW_MS)
        self.counts = Counts()
        self.blocks = OneBlock()
        neighbours = self.world.neighbours(MemoryIdentity(), MemorySink(), self.desk)
        self.api = DeviceApi(self.blocks, neighbours, self.clock, self.counts)

    def block(self) -> Block:
        """What would go into the log now."""
        return decode_block(self.blocks.open.builder.encode(HEADER))

    def senders(self) -> list[tuple[int, int]]:
        """Device and organisation of each message, in order."""
        return [(m["device"], m["org"]) for m in self.block().messages.to_pylist()]

    def values(self) -> list[tuple[int, str, int, object]]:
        """Device, metric, time and value of each reading, in order."""
        block = self.block()
        senders = [m["device"] for m in block.messages.to_pylist()]
        found = []
        for line in block.readings.to_pylist():
            value = next((line[k] for k in ("f", "i", "s") if line[k] is not None), None)
            found.append((senders[line["message"]], line["metric"], line["observed_at_ms"], value))
        return found

    def events(self) -> list[tuple[int, str, str]]:
        """Device, code and detail of each event, in order."""
        return [(e["device"], e["code"], e["detail"]) for e in self.block().events.to_pylist()]


def sent_by(device: Device = FIRST, qos: int = 1) -> Message:
    return Message(device.device, device.org, 7, False, qos, 1, 99)
