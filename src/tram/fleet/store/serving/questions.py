"""The scoped questions: each reads what its viewer may, by joins where the data lies.

History is read where the reading's own organisation (as of acceptance) lies in one of the viewer's
scopes, or was lent to one; states follow the device's organisation now.
"""

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from tram.fleet.block.block import EventKind
from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.queries.scoping import READABLE, named_devices, owned_by, readable, scoped
from tram.fleet.store.state.devices import STATES, DeviceBoard
from tram.fleet.store.state.dimensions import Dimensions
from tram.fleet.store.state.latest import LatestBoard, value_of
from tram.fleet.store.views import (
    Asked,
    DeviceEvent,
    DeviceRefusal,
    DeviceState,
    LatestValue,
    MessageValue,
    RawMessage,
    StateCounts,
    StateSummary,
)
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused
from tram.runtime.json_depth import check_depth

__all__ = ("LIMIT_MAX", "REFUSING_DEVICES_MAX", "Questions")

LIMIT_MAX = 1_000
VALUES_PER_MESSAGE = 4
_DEVICES_ASKED_MAX = 100_000
REFUSING_DEVICES_MAX = 20
"""Devices of which the newest refusals are read together: those that were heard last."""

_EVENTS_SQL = f"""
    SELECT at_ms, kind, code, detail FROM tram.events
    WHERE device = {{device:Int64}} AND ({{kind:Int16}} < 0 OR kind = {{kind:Int16}})
        AND {READABLE}
    ORDER BY at_ms DESC, log_epoch DESC, log_seq DESC, event_no DESC LIMIT {{many:UInt32}}
"""  # noqa: S608  # likewise
_REFUSALS_SQL = """
    SELECT device, at_ms, code, detail FROM
        (SELECT *, '' AS metric FROM tram.events WHERE device IN {{devices:Array(Int64)}}
            AND kind = {{kind:UInt8}} AND at_ms >= {{start_ms:Int64}})
    WHERE {scope}
    ORDER BY at_ms DESC, device, log_epoch DESC, log_seq DESC, event_no DESC
    LIMIT {{many:UInt32}} BY device
"""
_ATTRIBUTES_MAX = 1_000
_ATTRIBUTES_SQL = f"""
    SELECT code, argMax(detail, (at_ms, log_epoch, log_seq, event_no)) AS value FROM tram.events
    WHERE device = {{device:Int64}} AND kind = 4 AND {READABLE}
    GROUP BY code ORDER BY max((at_ms, log_epoch, log_seq, event_no)) DESC LIMIT {_ATTRIBUTES_MAX}
"""  # noqa: S608  # likewise
_MESSAGES_SQL = f"""
    SELECT received_at_ms, protocol, qos, rows, fingerprint, log_epoch, log_seq, first_row
    FROM tram.messages WHERE device = {{device:Int64}} AND {READABLE}
    ORDER BY received_at_ms DESC, log_epoch DESC, log_seq DESC, message_no DESC
    LIMIT {{many:UInt32}}
"""  # noqa: S608  # likewise
_VALUES_SQL = """
    SELECT log_epoch, log_seq, row_no, series, kind, f, i, s FROM tram.readings
    WHERE series IN {series:Array(UInt32)} AND log_seq IN {seqs:Array(Int64)}
        AND received_at_ms >= {start_ms:Int64}
    ORDER BY row_no LIMIT 100000
"""


class Questions:
    """Answers one question at a time per thread; the arrays it reads change on the loop only."""

    def __init__(
        self, engine: Engine, latest: LatestBoard, devices: DeviceBoard, dimensions: Dimensions
    ) -> None:
        self._engine = engine
        self._latest = latest
        self._devices = devices
        self._dimensions = dimensions

    def latest(self, asked: Asked, clock: Clock) -> list[LatestValue]:
        """Return the newest value of each metric whose reading may be read, by metric."""
        now_ms = clock.now_ms()
        views = []
        for series in self._latest.series_of.get(asked.device, ()):
            metric = self._latest.metric[series]
            orgs = self._dimensions.readable_orgs(asked.scopes, asked.device, metric, now_ms)
            if self._latest.has_value(series) and self._latest.numbers["org_id"][series] in orgs:
                views.append(self._latest.view(series))
        return sorted(views, key=lambda view: view.metric)

    def states(self, asked: Asked, clock: Clock) -> list[DeviceState]:
        """Return the states of visible devices, of all or of those asked for."""
        visible = self._dimensions.visible(asked.scopes, clock.now_ms())
        if asked.devices is not None:
            if len(asked.devices) > _DEVICES_ASKED_MAX:
                raise Refused("store.question", f"At most {_DEVICES_ASKED_MAX} devices at once.")
            wanted = np.zeros(len(visible), np.bool_)
            wanted[[number for number in asked.devices if 0 <= number < len(wanted)]] = True
            visible &= wanted
        states = self._devices.states(clock.now_ms(), clock.monotonic_s())
        return [self._state(device, states) for device in np.flatnonzero(visible).tolist()]

    def summary(self, asked: Asked, clock: Clock) -> StateSummary:
        """Return how many visible devices are in which state."""
        now_ms = clock.now_ms()
        visible = self._dimensions.visible(asked.scopes, now_ms)
        states = np.zeros(len(visible), np.uint8)
        known = self._devices.states(now_ms, clock.monotonic_s())[: len(visible)]
        states[: len(known)] = known
        by_sector = {
            sector: _counts(states[visible & self._dimensions.in_sector(sector)])
            for sector in self._dimensions.sectors()
        }
        return StateSummary(now_ms, _counts(states[visible]), by_sector)

    def events(self, asked: Asked, clock: Clock) -> list[DeviceEvent]:
        """Return a device's events, newest first."""
        kind = str(-1 if asked.kind is None else asked.kind)
        found = self._found(_EVENTS_SQL, asked, clock, {"kind": kind, "many": _limit(asked)})
        return msgspec.convert(found.to_pylist(), list[DeviceEvent])

    def refusals(self, asked: Asked, clock: Clock) -> list[DeviceRefusal]:
        """Return refusals since ``start_ms``, newest first, ``limit`` of each device.

        Of the devices that have any, the ``REFUSING_DEVICES_MAX`` heard last are read.
        """
        now_ms = clock.now_ms()
        visible = np.flatnonzero(self._dimensions.visible(asked.scopes, now_ms))
        devices = self._devices.refusing(visible, REFUSING_DEVICES_MAX).tolist()
        if not devices:
            return []
        few = named_devices(asked.scopes, devices, now_ms, self._dimensions)
        if few is None:
            scope = scoped(asked.scopes, now_ms, self._dimensions.is_lent, is_few=True)
        else:
            scope = owned_by(asked.scopes[0].org, self._dimensions)
        params = {
            "devices": str(devices if few is None else few),
            "kind": str(int(EventKind.REFUSED)),
            "start_ms": str(asked.start_ms),
            "many": _limit(asked),
        }
        found = self._engine.query(
            _REFUSALS_SQL.format(scope=scope.condition), scope.params | params
        )
        return msgspec.convert(found.to_pylist(), list[DeviceRefusal])

    def attributes(self, asked: Asked, clock: Clock) -> dict[str, Any]:
        """Return the newest value of each attribute, of those stated last where they are very many."""
        found = self._found(_ATTRIBUTES_SQL, asked, clock, {}).to_pylist()
        return {
            line["code"]: _json(line["value"])
            for line in sorted(found, key=lambda line: str(line["code"]))
        }

    def messages(self, asked: Asked, clock: Clock) -> list[RawMessage]:
        """Return a device's messages with their first values, newest first."""
        found = self._found(_MESSAGES_SQL, asked, clock, {"many": _limit(asked)})
        lines = found.to_pylist()
        values = self._values(asked.device, lines) if lines else {}
        return [
            RawMessage(
                received_at_ms=line["received_at_ms"],
                protocol=line["protocol"],
                qos=line["qos"],
                rows=line["rows"],
                fingerprint=f"{line['fingerprint']:016x}",
                values=[
                    values[key]
                    for key in (
                        (line["log_epoch"], line["log_seq"], line["first_row"] + place)
                        for place in range(min(line["rows"], VALUES_PER_MESSAGE))
                    )
                    if key in values
                ],
            )
            for line in lines
        ]

    def _values(
        self, device: int, lines: list[dict[str, Any]]
    ) -> dict[tuple[int, int, int], MessageValue]:
        """Return the values that these messages brought, by identity."""
        params = {
            "series": str(self._latest.series_of.get(device, [])),
            "seqs": str(sorted({line["log_seq"] for line in lines})),
            "start_ms": str(min(line["received_at_ms"] for line in lines)),
        }
        return {
            (row["log_epoch"], row["log_seq"], row["row_no"]): MessageValue(
                self._latest.metric[row["series"]],
                value_of(row["kind"], row["f"], row["i"], row["s"]),
            )
            for row in self._engine.query(_VALUES_SQL, params).to_pylist()
        }

    def _found(self, sql: str, asked: Asked, clock: Clock, params: dict[str, str]) -> pa.Table:
        """Return what a statement about one device finds of what may be read."""
        scope = readable(asked, clock.now_ms(), self._dimensions)
        return self._engine.query(sql.replace(READABLE, scope.condition), scope.params | params)

    def _state(self, device: int, states: Any) -> DeviceState:  # noqa: ANN401  # a numpy array
        seen_ms, messages, refused = self._devices.counts(device)
        state = STATES[states[device]] if device < len(states) else STATES[0]
        return DeviceState(device, state, seen_ms or None, messages, refused)


def _counts(states: Any) -> StateCounts:  # noqa: ANN401  # a numpy array
    numbers = np.bincount(states, minlength=len(STATES)).tolist()
    return StateCounts(**dict(zip(STATES, numbers, strict=True)))


def _limit(asked: Asked) -> str:
    if not 1 <= asked.limit <= LIMIT_MAX:
        raise Refused("store.question", f"Between 1 and {LIMIT_MAX} lines are listed at once.")
    return str(asked.limit)


def _json(text: str) -> Any:  # noqa: ANN401  # whatever the device stated
    try:
        check_depth(text.encode())
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, Refused):
        return text
