"""Questions over many devices: one metric by time and group, and several series side by side."""

import pyarrow as pa

from tram.fleet.store.engine import Engine
from tram.fleet.store.queries.scoping import bound, quoted, scoped
from tram.fleet.store.queries.sources import Span, buckets_of, step_named
from tram.fleet.store.views import AggregatePoint, Asked
from tram.runtime.errors import Refused

__all__ = ("POINTS_MAX", "aggregate", "narrowed", "narrowing")

POINTS_MAX = 100_000
_GROUPS = {
    "": "toInt64(0)",
    "device": "b.device",
    "org": "b.org_id",
    "zone": "d.zone",
    "sector": "d.sector",
}
_AGGREGATE_SQL = """
    SELECT b.bucket_ms AS bucket_ms, toString({group}) AS named,
        if(sum(b.numbers) = 0, 0, sum(b.total) / sum(b.numbers)) AS mean,
        minIf(b.low, b.numbers > 0) AS low, maxIf(b.high, b.numbers > 0) AS high,
        sum(b.readings) AS readings, sum(b.good) AS good, sum(b.numbers) AS numbers,
        uniqExact(b.series) AS series
    FROM ({source}) AS b {join}
    GROUP BY bucket_ms, named ORDER BY bucket_ms, named LIMIT {{many:UInt32}}
"""
_DEVICES = "INNER JOIN (SELECT * FROM tram.dim_device FINAL) AS d ON d.device = b.device"


def aggregate(engine: Engine, asked: Asked, now_ms: int, edge_ms: int) -> list[AggregatePoint]:
    """Return one metric over everything in scope: for each step and group its statistics.

    Raises:
        Refused: ``store.question`` for an unknown step or group, or too many points.
    """
    step = step_named(asked.step or "hour")
    if asked.by not in _GROUPS:
        raise Refused("store.question", f"Groups are {', '.join(filter(None, _GROUPS))}.")
    scope = scoped(asked.scopes, now_ms)
    where = f"metric = {{metric:String}} AND {narrowed(asked)} AND {scope.condition}"
    series = "series IN (SELECT series FROM tram.series WHERE metric = {metric:String})"
    source = buckets_of(step, Span(asked.start_ms, asked.end_ms, edge_ms), where, series)
    join = _DEVICES if asked.by in {"zone", "sector"} else ""
    sql = _AGGREGATE_SQL.format(group=_GROUPS[asked.by], source=source.sql, join=join)
    params = scope.params | source.params | narrowing(asked) | {"many": str(POINTS_MAX + 1)}
    found = engine.query(sql, params)
    if found.num_rows > POINTS_MAX:
        raise Refused(
            "store.question",
            f"The answer has more than {POINTS_MAX} points.",
            "Ask for a shorter span, a longer step or fewer groups.",
        )
    return _points(found)


def narrowing(asked: Asked) -> dict[str, str]:
    """Return the values that narrow a question within its scope."""
    devices = asked.devices or ([asked.device] if asked.device else [])
    return {
        "metric": bound(asked.metric),
        "devices": str(devices),
        "only_zone": str(-1 if asked.zone is None else asked.zone),
        "only_sector": bound(asked.sector or ""),
        "metrics": f"[{', '.join(quoted(metric) for metric in asked.metrics)}]",
    }


def narrowed(asked: Asked) -> str:
    """Return the condition on devices, zone and sector that the question itself names."""
    parts = []
    if asked.devices or asked.device:
        parts.append("device IN {devices:Array(Int64)}")
    if asked.zone is not None or asked.sector is not None:
        parts.append(
            "device IN (SELECT device FROM tram.dim_device FINAL WHERE gone = 0"
            " AND ({only_zone:Int64} = -1 OR zone = {only_zone:Int64})"
            " AND ({only_sector:String} = '' OR sector = {only_sector:String}))"
        )
    return " AND ".join(parts) or "1"


def _points(found: pa.Table) -> list[AggregatePoint]:
    columns = [column.to_pylist() for column in found.columns]
    return [AggregatePoint(*line) for line in zip(*columns, strict=True)]
