"""Downlinks on their way: from the registry to every gateway, and what became of them back.

A stream holds each undelivered downlink on a subject of its own; the registry's role writes them,
and takes back what is done with a tombstone that the server drops after a day. Reports travel in
a second stream, which the registry's role empties.
"""

import asyncio
import secrets
from itertools import accumulate

import msgspec
from nats.js.errors import APIError

from tram.fleet.device_api.downlinks import Downlink, DownlinkReport, Pending
from tram.fleet.log.nats_connection import DOUBTS, NatsConnection
from tram.fleet.log.reader import StreamReader
from tram.fleet.log.streams import DOWNLINK_SUBJECT, DOWNLINKS, REPORT_SUBJECT
from tram.runtime.errors import Refused
from tram.runtime.logging import get_logger
from tram.runtime.until_stopped import work_until

__all__ = ("DownlinkFollower", "DownlinkLog", "ReportLog", "decode_reports")

_ANSWER_S = 5.0
_PAUSE_S = 0.2
_GATHER_S = 0.02
_TOMBSTONE_S = 86_400
_REPORTS_MAX = 500
_REPORTS_BYTES_MAX = 4_194_304
"""Of one message; half of what the log takes."""

log = get_logger()

_downlink = msgspec.msgpack.Decoder(Downlink).decode
decode_reports = msgspec.msgpack.Decoder(list[DownlinkReport]).decode
"""Returns the reports of one message; raises ``msgspec.DecodeError``."""
_encode = msgspec.msgpack.Encoder().encode


class DownlinkLog:
    """The registry's side: what gateways must deliver."""

    def __init__(self, link: NatsConnection) -> None:
        self._link = link

    async def put(self, downlink: Downlink) -> None:
        """Give a downlink to every gateway, or take it back.

        Raises:
            OSError, TimeoutError, APIError: when it is unknown whether the log has it.
        """
        headers = {"Nats-TTL": f"{_TOMBSTONE_S}s"} if downlink.gone else None
        async with self._link.answer_within(_ANSWER_S):
            await self._link.jetstream.publish(
                f"{DOWNLINK_SUBJECT}.{downlink.target}.{downlink.number}",
                _encode(downlink),
                timeout=2 * _ANSWER_S,
                headers=headers,
            )


class DownlinkFollower:
    """A gateway's side: keeps the list of undelivered downlinks current."""

    def __init__(self, link: NatsConnection) -> None:
        self.pending = Pending()
        self._link = link

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the stream until stopped."""
        await work_until(stop, self._follow())

    async def _follow(self) -> None:
        while True:
            try:
                async for _, payload in StreamReader(self._link, DOWNLINKS).read(0):
                    self._take(payload)
            except (*DOUBTS, APIError) as error:
                log.info("downlink stream interrupted", error=repr(error))
            await asyncio.sleep(_PAUSE_S)

    def _take(self, payload: bytes) -> None:
        """Keep one downlink; one that cannot be read costs no other."""
        try:
            self.pending.put(_downlink(payload))
        except Exception as error:
            log.exception("a downlink cannot be read", error=repr(error))


class ReportLog:
    """A gateway's side of the way back: reports of a few milliseconds become durable together."""

    def __init__(self, link: NatsConnection) -> None:
        self._link = link
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()

    async def put(self, report: DownlinkReport) -> None:
        """Return when the report is on disk, however long that takes.

        Raises:
            Refused: ``report.wrong`` if the log cannot hold it; the others of its batch go on.
        """
        content = _encoded(report)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((content, done))
        self._wake.set()
        await done

    async def run(self, stop: asyncio.Event) -> None:
        """Write reports until stopped."""
        await work_until(stop, self._write())

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(_GATHER_S)
            many = _fitting([content for content, _ in self._waiting[:_REPORTS_MAX]])
            batch, self._waiting = self._waiting[:many], self._waiting[many:]
            if not self._waiting:
                self._wake.clear()
            await self._publish([msgspec.Raw(content) for content, _ in batch])
            for _, done in batch:
                if not done.done():
                    done.set_result(None)

    async def _publish(self, reports: list[msgspec.Raw]) -> None:
        headers = {"Nats-Msg-Id": secrets.token_hex(12)}
        while True:
            try:
                async with self._link.answer_within(_ANSWER_S):
                    await self._link.jetstream.publish(
                        REPORT_SUBJECT, _encode(reports), timeout=2 * _ANSWER_S, headers=headers
                    )
            except (*DOUBTS, APIError) as error:
                log.warning("reports of downlinks wait for the log", error=repr(error))
                await asyncio.sleep(_PAUSE_S)
            else:
                return


def _encoded(report: DownlinkReport) -> bytes:
    try:
        content = _encode(report)
    except (OverflowError, TypeError, UnicodeError) as error:
        raise _wrong(repr(error)) from error
    if len(content) > _REPORTS_BYTES_MAX:
        raise _wrong(f"It takes {len(content)} bytes.")
    return content


def _wrong(reason: str) -> Refused:
    return Refused("report.wrong", f"The answer to a call cannot be kept: {reason}")


def _fitting(contents: list[bytes]) -> int:
    """Return how many of the first fit into one message; one does."""
    return max(1, sum(size <= _REPORTS_BYTES_MAX for size in accumulate(map(len, contents))))
