"""From the registry's downlinks to every gateway, and what became of them back: one relay."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from nats.js.errors import APIError

from tram.fleet.device_api.downlinks import Downlink
from tram.fleet.log.nats_connection import DOUBTS, NatsConnection
from tram.fleet.log.reader import StreamReader
from tram.fleet.log.streams import REPORTS
from tram.fleet.sync.downlinks import DownlinkLog, decode_reports
from tram.registry.devices.downlink_views import OpenDownlink, ReportedDownlink
from tram.registry.kernel.set_aside import SetAside, SetAsideEntry
from tram.runtime.clock import Clock
from tram.runtime.errors import TramError, is_of_the_entry, reason_of
from tram.runtime.logging import get_logger
from tram.runtime.watch.loops import LOOPS

if TYPE_CHECKING:
    from tram.registry.devices.downlinks import Downlinks

__all__ = ("DownlinkRelay",)

EVERY_S = 0.5
EXPIRE_EVERY_S = 5.0
_PAUSE_S = 0.5
PART: Final = "work"
QUIET_S = 120.0
"""A loop that says nothing for longer hangs."""

log = get_logger()


class DownlinkRelay:
    """Hands out what is queued, notes what was delivered, ends what has expired."""

    def __init__(
        self, link: NatsConnection, downlinks: "Downlinks", set_aside: SetAside, clock: Clock
    ) -> None:
        self._link = link
        self._downlinks = downlinks
        self._set_aside = set_aside
        self._clock = clock
        self._out = DownlinkLog(link)

    async def run(self) -> None:
        """Work until cancelled, through any outage of log and registry."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hand_out())
            group.create_task(self._expire())
            group.create_task(self._take_reports())

    async def _hand_out(self) -> None:
        heartbeat = LOOPS.begin("downlinks", QUIET_S)
        while True:
            heartbeat.heartbeat()
            try:
                waiting = await self._downlinks.unhanded()
                for one in waiting:
                    await self._tell(one, gone=False)
                if waiting:
                    await self._downlinks.hand([one.number for one in waiting])
            except (*DOUBTS, APIError, TramError) as error:
                log.warning("downlinks wait", error=repr(error))
                heartbeat.wait(f"downlinks wait: {reason_of(error)}")
            await self._clock.sleep(EVERY_S)

    async def _expire(self) -> None:
        while True:
            try:
                for one in await self._downlinks.expire_due():
                    await self._tell(one, gone=True)
            except (*DOUBTS, APIError, TramError) as error:
                log.warning("expired downlinks wait", error=repr(error))
            await self._clock.sleep(EXPIRE_EVERY_S)

    async def _take_reports(self) -> None:
        heartbeat = LOOPS.begin("reports of downlinks", QUIET_S)
        reports = StreamReader(self._link, REPORTS)
        while True:
            heartbeat.rest()
            try:
                async for seq, content in reports.read(0):
                    heartbeat.work(f"report {seq}")
                    async with self._set_aside.guarded(SetAsideEntry(PART, "reports", str(seq))):
                        await self._take(seq, content)
                    await reports.purge_below(seq + 1)
                    heartbeat.reach(seq)
                    heartbeat.rest()
            except (*DOUBTS, APIError, TramError) as error:
                log.warning("reports of downlinks wait", error=repr(error))
                heartbeat.wait(f"reports of downlinks wait: {reason_of(error)}")
            await self._clock.sleep(_PAUSE_S)

    async def _tell(self, one: OpenDownlink, *, gone: bool) -> None:
        """Tell the gateways of one downlink; one that cannot be told holds up no other."""
        try:
            await self._out.put(_downlink(one, gone=gone))
        except (*DOUBTS, APIError):
            raise
        except Exception as error:
            if not is_of_the_entry(error):
                raise
            org = await self._downlinks.owner_of(one.device)
            await self._set_aside.note(
                SetAsideEntry(PART, "downlink", str(one.number), org), error
            )

    async def _take(self, seq: int, content: bytes) -> None:
        """Note what one message of reports says: all at once, or one by one where one of them is bad."""
        reports = [
            ReportedDownlink(r.number, r.device, r.state, r.at_ms, r.body)
            for r in decode_reports(content)
        ]
        try:
            done = await self._downlinks.apply(reports)
        except Exception as error:
            if not is_of_the_entry(error):
                raise
            done = await self._apply_each(seq, reports)
        for one in done:
            await self._tell(one, gone=True)

    async def _apply_each(
        self, seq: int, reports: Sequence[ReportedDownlink]
    ) -> Sequence[OpenDownlink]:
        done: list[OpenDownlink] = []
        for place, report in enumerate(reports):
            org = await self._downlinks.owner_of(report.device)
            async with self._set_aside.guarded(
                SetAsideEntry(PART, "report", f"{seq}.{place}", org)
            ):
                done += await self._downlinks.apply([report])
        return done


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
