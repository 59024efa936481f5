"""The calls of the store's client that are about history; ``StoreClient`` carries them out."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import msgspec
import pyarrow as pa

from tram.fleet.store.views import (
    AggregatePoint,
    CompletenessPoint,
    LedgerEntry,
    QuarantinedRow,
    Revision,
    Series,
)
from tram.registry.kernel.viewer import Viewer

__all__ = ("READ_PERMISSION", "Correction", "HistoryCalls", "TimeSpan", "What", "asker")

_Result = TypeVar("_Result")
READ_PERMISSION = "device.read"
WRITE_PERMISSION = "device.write"


class TimeSpan(msgspec.Struct, frozen=True):
    """From when until when, UTC epoch milliseconds, the end excluded."""

    start_ms: int
    end_ms: int


class What(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a question is about, within the viewer's scope: everything that is not named.

    ``by`` groups an answer (device, metric, org, zone, sector, series), ``step`` parts it in time
    (hour, day, month).
    """

    metric: str = ""
    device: int = 0
    devices: list[int] | None = None
    metrics: list[str] = []
    zone: int | None = None
    sector: str | None = None
    step: str = ""
    by: str = ""
    kind: int | None = None
    limit: int = 50


class Correction(msgspec.Struct, frozen=True, omit_defaults=True):
    """A correction: ``scale`` (value · factor + offset), ``invalidate`` or ``revert``."""

    device: int
    metric: str
    operation: str
    reason: str
    factor: float = 1.0
    offset: float = 0.0
    reverts: int = 0


class _Asks(Protocol):
    """What carries out the calls."""

    async def _scoped(
        self,
        call: str,
        viewer: Viewer,
        asked: dict[str, Any],
        result: type[_Result],
        permission: str = READ_PERMISSION,
    ) -> _Result: ...

    async def _table(self, call: str, asked: dict[str, Any]) -> pa.Table: ...

    def _stream(self, asked: dict[str, Any]) -> Iterator[pa.RecordBatch]: ...


class HistoryCalls:
    """Questions about the past, each with its viewer."""

    async def compare(  # the question has these parts
        self: _Asks,
        viewer: Viewer,
        devices: list[int],
        metrics: list[str],
        span: TimeSpan,
        points: int,
    ) -> list[Series]:
        """Return each metric of each device over one span, thinned to at most ``points``."""
        asked = _asked(What(devices=devices, metrics=metrics), span) | {"points": points}
        return await self._scoped("compare", viewer, asked, list[Series])

    async def aggregate(
        self: _Asks, viewer: Viewer, what: What, span: TimeSpan
    ) -> list[AggregatePoint]:
        """Return one metric over everything in scope, by step (hour or day) and group."""
        asked = _asked(what, span) | asker(viewer, READ_PERMISSION)
        return _lines(AggregatePoint, await self._table("aggregate", asked))

    async def completeness(
        self: _Asks, viewer: Viewer, what: What, span: TimeSpan
    ) -> list[CompletenessPoint]:
        """Return expected and received readings, over the span or by step, in groups."""
        asked = _asked(what, span) | asker(viewer, READ_PERMISSION)
        return _lines(CompletenessPoint, await self._table("completeness", asked))

    async def gaps(self: _Asks, viewer: Viewer, what: What, span: TimeSpan) -> list[LedgerEntry]:
        """Return the ledger's entries that touch a span: open silences, then the longest."""
        return await self._scoped("gaps", viewer, _asked(what, span), list[LedgerEntry])

    async def quarantine(self: _Asks, viewer: Viewer, what: What) -> list[QuarantinedRow]:
        """Return the newest rows that were set aside."""
        return await self._scoped("quarantine", viewer, _asked(what), list[QuarantinedRow])

    async def revisions(self: _Asks, viewer: Viewer, what: What, span: TimeSpan) -> list[Revision]:
        """Return what people corrected of a device, newest first."""
        return await self._scoped("revisions", viewer, _asked(what, span), list[Revision])

    async def revise(self: _Asks, viewer: Viewer, change: Correction, span: TimeSpan) -> Revision:
        """Correct readings as the viewer, who needs ``device.write`` where they belong."""
        asked = msgspec.to_builtins(change) | msgspec.to_builtins(span)
        asked |= {"person": viewer.person, "person_name": viewer.name}
        return await self._scoped("revise", viewer, asked, Revision, WRITE_PERMISSION)

    async def latest_all(self: _Asks, viewer: Viewer, metrics: Sequence[str] = ()) -> pa.Table:
        """Return the newest value of every series in scope, or of these metrics, as columns."""
        asked = asker(viewer, READ_PERMISSION) | {"metrics": list(metrics)}
        return await self._table("latest_all", asked)

    def rows(self: _Asks, viewer: Viewer, what: What, span: TimeSpan) -> Iterator[pa.RecordBatch]:
        """Yield every reading in scope, by series and time; blocks its thread.

        ``what.limit`` above 0 refuses more rows than that.
        """
        asked = _asked(what, span) | asker(viewer, READ_PERMISSION) | {"limit": what.limit}
        return self._stream(asked)


def asker(viewer: Viewer, permission: str) -> dict[str, Any]:
    """Return whose question it is and the scopes in which the viewer has a permission."""
    return {"asker": viewer.org, "scopes": _scopes_of(viewer, permission)}


def _scopes_of(viewer: Viewer, permission: str) -> list[dict[str, Any]]:
    """Return the scopes in which the viewer has a permission."""
    return [
        {"org": scope.org, "zone": scope.zone, "sector": scope.sector}
        for scope in viewer.scopes
        if permission in scope.permissions
    ]


def _lines(made: Callable[..., _Result], table: pa.Table) -> list[_Result]:
    """Return the lines of an answer that came as columns: thousands of them, in half the time."""
    columns = [
        column.to_pylist() if pa.types.is_string(column.type) else column.to_numpy().tolist()
        for column in table.columns
    ]
    return [made(*line) for line in zip(*columns, strict=True)]


def _asked(what: What, span: TimeSpan | None = None) -> dict[str, Any]:
    asked: dict[str, Any] = msgspec.to_builtins(what)
    if span is not None:
        asked |= msgspec.to_builtins(span)
    return asked
