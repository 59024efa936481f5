"""One metric over many devices, by time and group."""

import pyarrow as pa

from tram.fleet.store.queries.handlers import QueryContext, answers
from tram.fleet.store.queries.questions import Aggregates, Asker
from tram.fleet.store.queries.sources import BucketSpan, buckets_of, step_named
from tram.runtime.errors import Refused

__all__ = ("POINTS_MAX", "aggregate", "not_more")

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
_SINGLE_SQL = """
    SELECT b.bucket_ms AS bucket_ms, toString({group}) AS named,
        if(b.numbers = 0, 0, b.total / b.numbers) AS mean, b.low AS low, b.high AS high,
        toUInt64(b.readings) AS readings, toUInt64(b.good) AS good,
        toUInt64(b.numbers) AS numbers, toUInt64(1) AS series
    FROM ({source}) AS b ORDER BY bucket_ms LIMIT {{many:UInt32}}
"""
"""Of one series nothing need be summed, unless a bucket has two owners."""
_DEVICES = "INNER JOIN (SELECT * FROM tram.dim_device FINAL) AS d ON d.device = b.device"


@answers(Aggregates)
def aggregate(question: Aggregates, asker: Asker, context: QueryContext) -> pa.Table:
    """Return one metric over everything in scope: for each step and group its statistics.

    The columns are those of ``AggregatePoint``. Of one device it also answers for all metrics, each for itself.

    Raises:
        Refused: ``store.question`` for an unknown step or group, or too many points.
    """
    selection, engine = question.selection, context.engine
    step = step_named(question.step or "hour")
    if question.by not in _GROUPS:
        raise Refused("store.question", f"Groups are {', '.join(filter(None, _GROUPS))}.")
    if not selection.metric and not (question.by == "metric" and selection.device):
        raise Refused("store.question", "A metric is named, or one device and its metrics apart.")
    limits = context.limits(asker, selection)
    span = BucketSpan(question.span.start_ms, question.span.end_ms, context.edge())
    source = buckets_of(step, span, limits.both)
    params = limits.params | source.params | {"many": str(POINTS_MAX + 1)}
    if limits.is_one_series and question.by in {"", "device", "metric"}:
        sql = _SINGLE_SQL.format(group=_GROUPS[question.by], source=source.sql)
        found = engine.query(sql, params)
        if _has_one_owner(found):
            return not_more(found, POINTS_MAX, "points")
    join = _DEVICES if question.by in {"zone", "sector"} else ""
    sql = _AGGREGATE_SQL.format(group=_GROUPS[question.by], source=source.sql, join=join)
    return not_more(engine.query(sql, params), POINTS_MAX, "points")


def _has_one_owner(found: pa.Table) -> bool:
    times = found["bucket_ms"].to_numpy()
    return bool((times[1:] != times[:-1]).all())


def not_more(found: pa.Table, most: int, noun: str) -> pa.Table:
    """Return an answer that is not too long.

    Raises:
        Refused: ``store.question``.
    """
    if found.num_rows > most:
        raise Refused(
            "store.question",
            f"The answer has more than {most} {noun}.",
            "Ask for a shorter span, a longer step or fewer groups.",
        )
    return found
