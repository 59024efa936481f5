"""The only way anybody reads telemetry: typed calls to the store's port, each with its Viewer."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import httpx
import msgspec
import pyarrow as pa

from tram.fleet.store.engine.moved import Home, MoveReport
from tram.fleet.store.engine.streams import Pipe, whole_reader
from tram.fleet.store.serving.history_client import READ_PERMISSION, HistoryCalls, asker
from tram.fleet.store.views import (
    DeviceEvent,
    DeviceRefusal,
    DeviceState,
    Failure,
    LatestValue,
    RawMessage,
    Series,
    StateSummary,
    StoreStatus,
)
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Broken, Refused, TramError, Unavailable

__all__ = ("KEPT_S", "StoreClient")

_Result = TypeVar("_Result")
_SECONDS_MAX = 35.0
"""Longest wait for an answer; the store stops a query on its own before that."""
_HEARD_SECONDS_MAX = 4.0
"""Longer than the store waits for a change of the registry."""
_EXPORT_SECONDS_MAX = 14_400.0
_EXPORT_WAIT_S_MAX = 120.0
"""Longest wait for the next part of an export."""
_READ_BYTES = 1 << 20
KEPT_S = 15.0
"""An idle connection is left well before the port closes it (``port.IDLE_S``): a question never
meets the closing."""
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=KEPT_S)


class StoreClient(HistoryCalls):
    """Asks the store's port at ``url`` (``http://127.0.0.1:port``) with its key.

    Every scoped call takes ``needs_version``: the number of the registry change that the answer
    must know; the store waits for it up to 2 seconds, then raises Unavailable("store.behind").
    """

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"X-ClickHouse-Key": key},
            timeout=_SECONDS_MAX,
            limits=_LIMITS,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def heard(self, version: int) -> None:
        """Return once the store knows the registry change of this number.

        Raises:
            Unavailable: ``store.behind`` after 2 seconds, ``store.away``.
        """
        asked = msgspec.json.encode({"needs_version": version})
        await self._post("/tram/heard", {}, asked, _HEARD_SECONDS_MAX)

    async def latest(
        self, viewer: Viewer, device: int, *, needs_version: int = 0
    ) -> list[LatestValue]:
        """Return the newest value of every metric of a device, ordered by metric."""
        return await self._scoped(
            "latest", viewer, {"device": device, "needs_version": needs_version}, list[LatestValue]
        )

    async def range(  # noqa: PLR0913, PLR0917  # the question has these parts
        self,
        viewer: Viewer,
        device: int,
        metric: str,
        start_ms: int,
        end_ms: int,
        points: int,
        *,
        thin: str = "minmax",
        needs_version: int = 0,
    ) -> Series:
        """Return a metric in [start_ms, end_ms): raw if at most ``points``, else thinned.

        ``thin`` is ``minmax`` (buckets) or ``lttb`` (the readings that carry the shape).
        """
        asked = {
            "device": device,
            "metric": metric,
            "start_ms": start_ms,
            "end_ms": end_ms,
            "points": points,
            "thin": thin,
            "needs_version": needs_version,
        }
        return await self._scoped("range", viewer, asked, Series)

    async def events(
        self,
        viewer: Viewer,
        device: int,
        kind: int | None = None,
        limit: int = 50,
        *,
        needs_version: int = 0,
    ) -> list[DeviceEvent]:
        """Return a device's events, newest first; ``kind`` is a ``block.EventKind``."""
        asked = {"device": device, "kind": kind, "limit": limit, "needs_version": needs_version}
        return await self._scoped("events", viewer, asked, list[DeviceEvent])

    async def refusals(
        self, viewer: Viewer, since_ms: int, limit: int = 20, *, needs_version: int = 0
    ) -> list[DeviceRefusal]:
        """Return refusals since then of the visible devices heard last, newest first.

        At most ``questions.REFUSING_DEVICES_MAX`` devices, and ``limit`` refusals of each.
        """
        asked = {"start_ms": since_ms, "limit": limit, "needs_version": needs_version}
        return await self._scoped("refusals", viewer, asked, list[DeviceRefusal])

    async def attributes(
        self, viewer: Viewer, device: int, *, needs_version: int = 0
    ) -> dict[str, Any]:
        """Return the newest value of each attribute that a device stated about itself."""
        return await self._scoped(
            "attributes",
            viewer,
            {"device": device, "needs_version": needs_version},
            dict[str, Any],
        )

    async def states(
        self, viewer: Viewer, devices: Sequence[int] | None = None, *, needs_version: int = 0
    ) -> list[DeviceState]:
        """Return the states of all visible devices, or of those asked for that are visible."""
        asked = {
            "devices": None if devices is None else list(devices),
            "needs_version": needs_version,
        }
        return await self._scoped("states", viewer, asked, list[DeviceState])

    async def summary(self, viewer: Viewer, *, needs_version: int = 0) -> StateSummary:
        """Return how many visible devices are in which state, in all and by sector."""
        return await self._scoped(
            "summary", viewer, {"needs_version": needs_version}, StateSummary
        )

    async def messages(
        self, viewer: Viewer, device: int, limit: int = 50, *, needs_version: int = 0
    ) -> list[RawMessage]:
        """Return a device's accepted messages, newest first."""
        asked = {"device": device, "limit": limit, "needs_version": needs_version}
        return await self._scoped("messages", viewer, asked, list[RawMessage])

    async def status(self) -> StoreStatus:
        """Return where the store stands (for operators)."""
        return await self._ask("status", {}, StoreStatus)

    async def export(self, folder: str) -> None:
        """Have the store write all its tables at one checkpoint into an empty folder."""
        body = msgspec.json.encode({"folder": folder})
        await self._post("/tram/export", {}, body, _EXPORT_SECONDS_MAX)

    async def move(self, home: Home) -> MoveReport:
        """Have the store move its tables to a server; it starts again on it."""
        body = msgspec.json.encode(home)
        response = await self._post("/tram/move", {}, body, _EXPORT_SECONDS_MAX)
        return msgspec.json.decode(response.content, type=MoveReport)

    async def sql(self, sql: str, params: dict[str, Any] | None = None) -> pa.Table:
        """Run a reading statement with bound ``{name:Type}`` parameters (operators only)."""
        query = {f"param_{name}": str(value) for name, value in (params or {}).items()}
        response = await self._post("/", query, sql.encode())
        if not response.content:
            return pa.table({})
        with pa.ipc.open_stream(response.content) as stream:
            return stream.read_all()

    async def _scoped(
        self,
        call: str,
        viewer: Viewer,
        asked: dict[str, Any],
        result: type[_Result],
        permission: str = READ_PERMISSION,
    ) -> _Result:
        return await self._ask(call, asked | asker(viewer, permission), result)

    def _stream(self, asked: dict[str, Any]) -> Iterator[pa.RecordBatch]:
        """Yield what ``/tram/rows`` streams; blocks its thread."""
        headers = {"X-ClickHouse-Key": self._key}
        body = msgspec.json.encode(asked)
        timeout = httpx.Timeout(_SECONDS_MAX, read=_EXPORT_WAIT_S_MAX)
        with (
            httpx.Client(
                base_url=self._url, headers=headers, timeout=timeout, trust_env=False
            ) as http,
            http.stream("POST", "/tram/rows", content=body) as response,
        ):
            if not response.is_success:
                response.read()
                raise _error(response)
            whole = whole_reader(Pipe(response.iter_raw(_READ_BYTES)))
            with pa.ipc.open_stream(whole) as stream:
                yield from stream

    async def _table(self, call: str, asked: dict[str, Any]) -> pa.Table:
        response = await self._post(f"/tram/{call}", {}, msgspec.json.encode(asked))
        with pa.ipc.open_stream(response.content) as stream:
            return stream.read_all()

    async def _ask(self, call: str, asked: dict[str, Any], result: type[_Result]) -> _Result:
        response = await self._post(f"/tram/{call}", {}, msgspec.json.encode(asked))
        return msgspec.json.decode(response.content, type=result)

    async def _post(
        self, path: str, query: dict[str, str], body: bytes, seconds_max: float = _SECONDS_MAX
    ) -> httpx.Response:
        try:
            response = await self._http.post(path, params=query, content=body, timeout=seconds_max)
        except httpx.TransportError as error:
            raise Unavailable(
                "store.away", f"The telemetry store does not answer ({type(error).__name__})."
            ) from error
        if response.is_success:
            return response
        raise _error(response)


def _error(response: httpx.Response) -> TramError:
    try:
        failure = msgspec.json.decode(response.content, type=Failure)
    except msgspec.DecodeError:
        return Broken("store.answer", f"The store answered {response.status_code} without reason.")
    if failure.family == "refused":
        return Refused(failure.code, failure.sentence, failure.hint)
    if failure.family == "unavailable":
        return Unavailable(failure.code, failure.sentence, failure.hint, failure.retry_after_s)
    return Broken(failure.code, failure.sentence, failure.hint)
