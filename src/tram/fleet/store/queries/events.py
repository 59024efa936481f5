"""What happened to devices: events, refusals, and the attributes that they state.

They are read where their own organisation (as of acceptance) lies in one of the asker's scopes, or
was lent to one.
"""

from typing import Any

import msgspec
import numpy as np

from tram.fleet.block.block import EventKind
from tram.fleet.store.queries.handlers import QueryContext, answers
from tram.fleet.store.queries.limits import lines_bound
from tram.fleet.store.queries.questions import (
    Asker,
    RecentEvents,
    RecentRefusals,
    StatedAttributes,
)
from tram.fleet.store.queries.scoping import READABLE, named_devices, owned_by, scoped
from tram.fleet.store.views import DeviceEvent, DeviceRefusal
from tram.runtime.errors import Refused
from tram.runtime.json_depth import check_depth

__all__ = ("REFUSING_DEVICES_MAX", "recent_events", "recent_refusals", "stated_attributes")

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


@answers(RecentEvents)
def recent_events(
    question: RecentEvents, asker: Asker, context: QueryContext
) -> list[DeviceEvent]:
    """Return a device's events, newest first."""
    kind = str(-1 if question.kind is None else question.kind)
    params = {"kind": kind, "many": lines_bound(question.limit)}
    found = context.of_device(_EVENTS_SQL, asker, question.device, params)
    return msgspec.convert(found.to_pylist(), list[DeviceEvent])


@answers(RecentRefusals)
def recent_refusals(
    question: RecentRefusals, asker: Asker, context: QueryContext
) -> list[DeviceRefusal]:
    """Return refusals since a moment, newest first, ``limit`` of each device.

    Of the devices that have any, the ``REFUSING_DEVICES_MAX`` heard last are read.
    """
    dimensions, now_ms = context.dimensions, context.clock.now_ms()
    visible = np.flatnonzero(dimensions.visible(asker.scopes, now_ms))
    devices = context.devices.refusing(visible, REFUSING_DEVICES_MAX).tolist()
    if not devices:
        return []
    few = named_devices(asker.scopes, devices, now_ms, dimensions)
    if few is None:
        scope = scoped(asker.scopes, now_ms, dimensions.is_lent, is_few=True)
    else:
        scope = owned_by(asker.scopes[0].org, dimensions)
    params = {
        "devices": str(devices if few is None else few),
        "kind": str(int(EventKind.REFUSED)),
        "start_ms": str(question.since_ms),
        "many": lines_bound(question.limit),
    }
    sql = _REFUSALS_SQL.format(scope=scope.condition)
    found = context.engine.query(sql, scope.params | params)
    return msgspec.convert(found.to_pylist(), list[DeviceRefusal])


@answers(StatedAttributes)
def stated_attributes(
    question: StatedAttributes, asker: Asker, context: QueryContext
) -> dict[str, Any]:
    """Return the newest value of each attribute, of those stated last where they are very many."""
    found = context.of_device(_ATTRIBUTES_SQL, asker, question.device, {}).to_pylist()
    return {
        line["code"]: _json(line["value"])
        for line in sorted(found, key=lambda line: str(line["code"]))
    }


def _json(text: str) -> Any:  # noqa: ANN401  # whatever the device stated
    try:
        check_depth(text.encode())
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, Refused):
        return text
