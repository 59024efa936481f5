"""Where buckets are read: rollups up to their edge, raw readings from there on, as one source."""

from typing import NamedTuple

from tram.fleet.store.history.rollups import CURRENT_ROWS
from tram.runtime.errors import Refused

__all__ = ("STEPS", "BucketSource", "BucketSpan", "BucketWidth", "buckets_of", "step_named")


class BucketWidth(NamedTuple):
    """A width of buckets: the rollup that holds it, and the offset of its borders from UTC."""

    name: str
    width_ms: int
    table: str
    offset_ms: int = 0


STEPS = (
    BucketWidth("hour", 3_600_000, "tram.rollup_hour"),
    BucketWidth("day", 86_400_000, "tram.rollup_day", 25_200_000),
)


class BucketSpan(NamedTuple):
    """From when until when (epoch ms, the end excluded), and until when rollups are complete."""

    start_ms: int
    end_ms: int
    edge_ms: int


class BucketSource(NamedTuple):
    """A statement that yields buckets, and the values that it binds."""

    sql: str
    params: dict[str, str]


_COLUMNS = (
    "metric, series, bucket_ms, org_id, device, readings, good, numbers, low, high, total, last,"
    " last_at_ms"
)
_ROLLED_SQL = """
    SELECT {columns} FROM {table} FINAL
    WHERE bucket_ms >= {{start_ms:Int64}} AND bucket_ms < {{rolled_ms:Int64}} AND ({where})
"""
_RAW_SQL = """
    SELECT any(metric) AS metric, series,
        intDiv(observed_at_ms + {{offset_ms:Int64}}, {{width_ms:Int64}}) * {{width_ms:Int64}}
            - {{offset_ms:Int64}} AS bucket_ms,
        org_id, any(device) AS device, count() AS readings, countIf(is_good) AS good,
        countIf(is_number) AS numbers, minIf(value, is_number) AS low,
        maxIf(value, is_number) AS high, sumIf(value, is_number) AS total,
        argMaxIf(value, observed_at_ms, is_number) AS last,
        maxIf(observed_at_ms, is_number) AS last_at_ms
    FROM (SELECT * FROM (
        SELECT s.metric AS metric, r.series AS series, r.observed_at_ms AS observed_at_ms,
            r.org_id AS org_id, s.device AS device, if(r.kind = 0, r.f, toFloat64(r.i)) AS value,
            r.status = 0 AND bitAnd(r.quality, 16) = 0 AS is_good, is_good AND r.kind != 3
                AS is_number
        FROM (
            SELECT * FROM tram.readings
            WHERE observed_at_ms >= {{raw_start_ms:Int64}} AND observed_at_ms < {{end_ms:Int64}}
                AND bitAnd(quality, 2) = 0 AND {current}
        ) AS r
        INNER JOIN tram.series AS s ON s.series = r.series
    ) WHERE {where})
    GROUP BY series, bucket_ms, org_id
"""


def step_named(name: str) -> BucketWidth:
    """Return the step of a name.

    Raises:
        Refused: ``store.question`` if there is none.
    """
    for step in STEPS:
        if step.name == name:
            return step
    raise Refused("store.question", f"Steps are {', '.join(step.name for step in STEPS)}.")


def buckets_of(step: BucketWidth, span: BucketSpan, where: str) -> BucketSource:
    """Return the buckets of a span whose rows fulfil ``where``; borders are whole steps.

    ``where`` speaks of metric, org_id, device and series.
    """
    rolled_ms = min(span.end_ms, _down(span.edge_ms, step))
    params = {
        "start_ms": str(_down(span.start_ms, step)),
        "rolled_ms": str(rolled_ms),
        "end_ms": str(span.end_ms),
        "width_ms": str(step.width_ms),
        "offset_ms": str(step.offset_ms),
        "raw_start_ms": str(max(rolled_ms, _down(span.start_ms, step))),
    }
    rolled = _ROLLED_SQL.format(columns=_COLUMNS, table=step.table, where=where)
    if span.end_ms <= rolled_ms:
        return BucketSource(rolled, params)
    current = CURRENT_ROWS.replace("{start_ms:", "{raw_start_ms:")
    raw = _RAW_SQL.format(current=current, where=where)
    if span.start_ms >= rolled_ms:
        return BucketSource(f"SELECT {_COLUMNS} FROM ({raw})", params)  # noqa: S608  # constants above
    return BucketSource(f"{rolled} UNION ALL SELECT {_COLUMNS} FROM ({raw})", params)  # noqa: S608  # likewise


def _down(at_ms: int, step: BucketWidth) -> int:
    return (at_ms + step.offset_ms) // step.width_ms * step.width_ms - step.offset_ms
