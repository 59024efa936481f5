"""Waiting for a downlink, for protocols over which a device must ask: what is answered with counts as delivered."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, Final

from tram.domain.ids import DeviceId
from tram.fleet.device_api.downlinks import Downlink, Pending
from tram.fleet.device_api.interfaces import Device
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("LongPolls",)

POLLS_PER_DEVICE_MAX: Final = 4


class LongPolls:
    """All requests of one gateway that wait for a downlink."""

    def __init__(
        self,
        pending: Pending,
        report: Callable[[DeviceId, int, str], Coroutine[Any, Any, None]],
        clock: Clock,
    ) -> None:
        self._pending = pending
        self._report = report
        self._clock = clock
        self._open: Counter[DeviceId] = Counter()

    async def next(self, device: Device, kind: str, patience_s: float) -> Downlink:
        """Return the device's next downlink of a kind, once it is reported as delivered.

        Raises:
            Refused: ``poll.empty`` when nothing came in time, ``poll.too_many``.
        """
        number = device.device
        if self._open[number] >= POLLS_PER_DEVICE_MAX:
            raise Refused(
                "poll.too_many",
                f"{POLLS_PER_DEVICE_MAX} requests of this device wait already.",
                "Wait for their answers.",
            )
        waiter = _Waiter(kind)
        self._open[number] += 1
        self._pending.watch(number, waiter)
        try:
            for downlink in self._pending.of(number, self._clock.now_ms()):
                waiter.downlink(downlink)
            async with asyncio.timeout(patience_s):
                downlink = await waiter.found
        except TimeoutError:
            raise Refused("poll.empty", "Nothing came for the device in time.", "") from None
        finally:
            self._pending.unwatch(number, waiter)
            self._open[number] -= 1
            if not self._open[number]:
                del self._open[number]
        await self._report(number, downlink.number, "delivered")
        return downlink


class _Waiter:
    """Takes the first downlink of a kind."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.found: asyncio.Future[Downlink] = asyncio.get_running_loop().create_future()

    def downlink(self, downlink: Downlink) -> None:
        """Take note of a new downlink."""
        if downlink.kind == self._kind and not downlink.name and not self.found.done():
            self.found.set_result(downlink)

    def fail(self, error: Exception) -> None:
        """Give the fault to who waits."""
        if not self.found.done():
            self.found.set_exception(error)
