"""From the registry's downlinks to every gateway, and what became of them back: one pump."""

import asyncio
from typing import TYPE_CHECKING

from nats.js.errors import APIError

from tram.fleet.gateway.downlinks import Downlink
from tram.fleet.log.downlinks import DownlinkLog, read_reports
from tram.fleet.log.link import DOUBTS, Link
from tram.fleet.log.reader import StreamReader
from tram.fleet.log.streams import REPORTS
from tram.registry.downlink_views import DownlinkReport, OpenDownlink
from tram.runtime.clock import Clock
from tram.runtime.errors import TramError
from tram.runtime.logging import get_logger

if TYPE_CHECKING:
    from tram.registry.downlinks import Downlinks

__all__ = ("DownlinkPump",)

EVERY_S = 0.5
EXPIRE_EVERY_S = 5.0
_PAUSE_S = 0.5

log = get_logger()


class DownlinkPump:
    """Hands out what is queued, notes what was delivered, ends what has expired."""

    def __init__(self, link: Link, downlinks: "Downlinks", clock: Clock) -> None:
        self._link = link
        self._downlinks = downlinks
        self._clock = clock
        self._out = DownlinkLog(link)

    async def run(self) -> None:
        """Work until cancelled, through any outage of log and registry."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hand_out())
            group.create_task(self._expire())
            group.create_task(self._take_reports())

    async def _hand_out(self) -> None:
        while True:
            try:
                waiting = await self._downlinks.unhanded()
                for one in waiting:
                    await self._out.put(_downlink(one, gone=False))
                if waiting:
                    await self._downlinks.hand([one.number for one in waiting])
            except (*DOUBTS, APIError, TramError) as error:
                log.warning("downlinks wait", error=repr(error))
            await self._clock.sleep(EVERY_S)

    async def _expire(self) -> None:
        while True:
            try:
                for one in await self._downlinks.expire_due():
                    await self._out.put(_downlink(one, gone=True))
            except (*DOUBTS, APIError, TramError) as error:
                log.warning("expired downlinks wait", error=repr(error))
            await self._clock.sleep(EXPIRE_EVERY_S)

    async def _take_reports(self) -> None:
        while True:
            try:
                async for seq, reports in read_reports(self._link):
                    done = await self._downlinks.apply(
                        [
                            DownlinkReport(r.number, r.device, r.state, r.at_ms, r.body)
                            for r in reports
                        ]
                    )
                    for one in done:
                        await self._out.put(_downlink(one, gone=True))
                    await StreamReader(self._link, REPORTS).purge_below(seq + 1)
            except (*DOUBTS, APIError, TramError) as error:
                log.warning("reports of downlinks wait", error=repr(error))
            await self._clock.sleep(_PAUSE_S)


def _downlink(one: OpenDownlink, *, gone: bool) -> Downlink:
    return Downlink(
        number=one.number,
        device=one.device,
        target=one.target,
        kind=one.kind,
        body=one.body.encode(),
        name=one.name if one.via_id is not None else "",
        oneway=one.oneway,
        expires_ms=one.expires_ms,
        gone=gone,
    )
