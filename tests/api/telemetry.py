# ruff: noqa: ARG002  # the signatures of the client
"""A stand-in for the store's port, until the suite starts a real one."""

from collections.abc import Sequence
from typing import Any

from tests.api.province import Province
from tram.fleet.gateway.block import EventKind
from tram.fleet.store.views import (
    DeviceEvent,
    DeviceState,
    LatestValue,
    MessageValue,
    RawMessage,
    Series,
    StateCounts,
    StateSummary,
    StoreStatus,
)
from tram.registry.viewer import Viewer
from tram.runtime.errors import Unavailable

NOW_MS = 1_795_000_000_000


class Telemetry:
    """Answers like the store's client, each device with its party's mark in every text."""

    def __init__(self, province: Province) -> None:
        self._province = province
        self.is_away = False

    async def _visible(self, viewer: Viewer, devices: Sequence[int] | None) -> dict[int, str]:
        if self.is_away:
            raise Unavailable("store.away", "The telemetry store does not answer.")
        if not viewer.may("device.read"):
            return {}
        page = await self._province.registry.devices.page(viewer, limit=1000)
        return {
            row.id: row.name.split()[0]
            for row in page.items
            if devices is None or row.id in devices
        }

    async def latest(self, viewer: Viewer, device: int) -> list[LatestValue]:
        return [
            LatestValue("zeta", 3, f"{mark}-value", 0, 1, NOW_MS - 5000, NOW_MS - 4000)
            for mark in (await self._visible(viewer, [device])).values()
        ] + [LatestValue("pH", 0, 7.5, 0, 0, NOW_MS - 5000, NOW_MS - 4000)]

    async def range(  # noqa: PLR0917  # as the client has it
        self, viewer: Viewer, device: int, metric: str, start: int, end: int, points: int
    ) -> Series:
        marks = (await self._visible(viewer, [device])).values()
        return Series(metric, True, [start for _ in marks], [f"={mark}" for mark in marks])

    async def events(
        self, viewer: Viewer, device: int, kind: int | None = None, limit: int = 50
    ) -> list[DeviceEvent]:
        return [
            DeviceEvent(NOW_MS - 1000, EventKind.REFUSED, "payload.not_json", f"{mark} said so")
            for mark in (await self._visible(viewer, [device])).values()
            if kind in {None, EventKind.REFUSED}
        ]

    async def attributes(self, viewer: Viewer, device: int) -> dict[str, Any]:
        marks = (await self._visible(viewer, [device])).values()
        return {f"{mark}-fact": {"is": True} for mark in marks}

    async def states(
        self, viewer: Viewer, devices: Sequence[int] | None = None
    ) -> list[DeviceState]:
        return [
            DeviceState(device, "online", NOW_MS - 4000, 10, 1)
            for device in await self._visible(viewer, devices)
        ]

    async def summary(self, viewer: Viewer) -> StateSummary:
        counts = StateCounts(online=len(await self._visible(viewer, None)))
        return StateSummary(NOW_MS, counts, {"environment": counts})

    async def messages(self, viewer: Viewer, device: int, limit: int = 50) -> list[RawMessage]:
        return [
            RawMessage(NOW_MS, 1, 1, 1, "ab", [MessageValue("zeta", f"{mark}-value")])
            for mark in (await self._visible(viewer, [device])).values()
        ]

    async def status(self) -> StoreStatus:
        if self.is_away:
            raise Unavailable("store.away", "The telemetry store does not answer.")
        return StoreStatus(1, 7, 0, 3, 2, 2, 100, 50, 0, 0, 0, 0, 0, 0)
