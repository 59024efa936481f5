"""Faults of ours that somebody's input brought out: each ends that connection and nothing else.

Wherever something runs for one connection (a read, a timer, an acknowledgement, a background task, a
delivery), what it raises comes here: it is counted by kind, logged once a minute for each kind with the device,
and shown on the device's page.
"""

from pathlib import Path
from traceback import extract_tb

from tram.fleet.block.block import Event, EventKind
from tram.fleet.device_api.interfaces import Device
from tram.fleet.gateway.block_writer import BlockWriter
from tram.fleet.gateway.metrics import GatewayMetrics
from tram.fleet.gateway.repeated_events import Recurring
from tram.runtime.clock import Clock
from tram.runtime.logging import get_logger

__all__ = ("FAILED", "Faults", "kind_of")

FAILED = "connection.failed"

log = get_logger()


class Faults:
    """Counts, logs and shows the faults of one gateway."""

    def __init__(self, metrics: GatewayMetrics, block_writer: BlockWriter, clock: Clock) -> None:
        self._metrics = metrics
        self._block_writer = block_writer
        self._clock = clock
        self._recurring = Recurring(clock)

    def note(self, device: Device | None, error: Exception) -> None:
        """Count a fault; say it where it is new, or a minute has passed."""
        kind = kind_of(error)
        self._metrics.faults[kind] += 1
        if self._recurring.many(kind):
            number = None if device is None else device.device
            log.error("fault over a connection", kind=kind, device=number, exc_info=error)
        if device is not None and device.device:
            sentence = f"What this device sent brought out a fault of the platform ({kind})."
            self.tell(device, FAILED, f"{sentence} Only this connection was ended.", kind)

    def tell(self, device: Device, code: str, sentence: str, kind: str = "") -> None:
        """Show something on a device's page, once a minute with how often it was."""
        many = self._recurring.many((device.device, code, kind))
        if many:
            often = "" if many == 1 else f" ({many} times since the last word)"
            event = Event(
                device.device,
                device.org,
                self._clock.now_ms(),
                int(EventKind.REFUSED),
                code,
                sentence + often,
            )
            self._block_writer.note(event)


def kind_of(error: BaseException) -> str:
    """Return what raised and where, such as ``OverflowError in outgoing.py:120``."""
    places = extract_tb(error.__traceback__)
    ours = [place for place in places if "tram" in Path(place.filename).parts] or places
    where = f" in {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{where}"
