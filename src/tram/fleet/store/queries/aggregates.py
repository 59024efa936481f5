"""Questions over many devices: one metric by time and group, and several series side by side."""

import pyarrow as pa

from tram.fleet.store.engine import Engine
from tram.fleet.store.queries.limits import Limits
from tram.fleet.store.queries.sources import Span, buckets_of, step_named
from tram.fleet.store.views import AggregatePoint, Asked
from tram.runtime.errors import Refused

__all__ = ("POINTS_MAX", "aggregate")

POINTS_MAX = 100_000
_GROUPS = {
    "": "toInt64(0)",
    "device": "b.device",
    "metric": "b.metric",
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


def aggregate(engine: Engine, asked: Asked, limits: Limits, edge_ms: int) -> list[AggregatePoint]:
    """Return one metric over everything in scope: for each step and group its statistics.

    Of one device it also answers for all metrics, each for itself.

    Raises:
        Refused: ``store.question`` for an unknown step or group, or too many points.
    """
    step = step_named(asked.step or "hour")
    if asked.by not in _GROUPS:
        raise Refused("store.question", f"Groups are {', '.join(filter(None, _GROUPS))}.")
    if not asked.metric and not (asked.by == "metric" and asked.device):
        raise Refused("store.question", "A metric is named, or one device and its metrics apart.")
    source = buckets_of(step, Span(asked.start_ms, asked.end_ms, edge_ms), limits.both)
    join = _DEVICES if asked.by in {"zone", "sector"} else ""
    sql = _AGGREGATE_SQL.format(group=_GROUPS[asked.by], source=source.sql, join=join)
    found = engine.query(sql, limits.params | source.params | {"many": str(POINTS_MAX + 1)})
    if found.num_rows > POINTS_MAX:
        raise Refused(
            "store.question",
            f"The answer has more than {POINTS_MAX} points.",
            "Ask for a shorter span, a longer step or fewer groups.",
        )
    return _points(found)


def _points(found: pa.Table) -> list[AggregatePoint]:
    columns = [column.to_pylist() for column in found.columns]
    return [AggregatePoint(*line) for line in zip(*columns, strict=True)]
