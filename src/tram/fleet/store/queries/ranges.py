"""One series over a span: its readings, or as many points as a picture can show.

Two ways to thin: ``minmax`` keeps the least, greatest and last of each slice of time, so no peak is
lost; ``lttb`` keeps readings themselves, those that carry the shape (Steinarsson 2013, largest
triangle three buckets). Slices of an hour or more come from the hourly rollup, of a minute or more
from the minutes where there are some, else from the readings.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tram.domain.days import HOUR_MS, MINUTE_MS
from tram.domain.reading import Kind, value_of
from tram.fleet.store.queries.handlers import QueryContext, answers
from tram.fleet.store.queries.questions import Asker, SeriesRange
from tram.fleet.store.queries.scoping import READABLE
from tram.fleet.store.views import Bucket, Series
from tram.runtime.errors import Fault, Refused

__all__ = ("POINTS_MAX", "lttb", "series_range")

POINTS_MAX = 5_000
LTTB_ROWS_MAX = 2_000_000
"""Readings among which shapes are sought; a longer span is thinned by least and greatest."""

_ROWS_IN_RANGE = f"""
    SELECT observed_at_ms, kind, f, i, s, status, quality, revision FROM tram.readings
    WHERE series = {{series:UInt32}} AND observed_at_ms >= {{start_ms:Int64}}
        AND observed_at_ms < {{end_ms:Int64}} AND {READABLE}
    ORDER BY observed_at_ms, revision DESC
    LIMIT 1 BY observed_at_ms,
        if(bitAnd(quality, 1) = 1, (log_seq, row_no), (toInt64(0), toUInt32(0)))
"""  # noqa: S608  # constants; of a time's revisions the newest counts
_RAW_SQL = f"SELECT * FROM ({_ROWS_IN_RANGE}) ORDER BY observed_at_ms LIMIT {{many:UInt32}}"  # noqa: S608  # likewise
_NEWEST_SQL = (
    f"SELECT * FROM ({_ROWS_IN_RANGE}) ORDER BY observed_at_ms DESC LIMIT {{many:UInt32}}"  # noqa: S608  # likewise
)
_SLICE = """
    {start_ms:Int64} + intDiv(@TIME - {start_ms:Int64}, {width_ms:Int64}) * {width_ms:Int64}
"""
_BUCKETS_SQL = f"""
    SELECT {_SLICE.replace("@TIME", "observed_at_ms")} AS start,
        if(countIf(is_good) = 0, min(value), minIf(value, is_good)) AS low,
        if(countIf(is_good) = 0, max(value), maxIf(value, is_good)) AS high,
        if(countIf(is_good) = 0, argMax(value, observed_at_ms),
            argMaxIf(value, observed_at_ms, is_good)) AS last,
        count() AS readings, countIf(is_good) AS good,
        if(countIf(is_good) = 0, avg(value), avgIf(value, is_good)) AS mean
    FROM (
        SELECT observed_at_ms, if(kind = 0, f, toFloat64(i)) AS value,
            status = 0 AND bitAnd(quality, 16) = 0 AS is_good
        FROM ({_ROWS_IN_RANGE}) WHERE kind != 3
    )
    GROUP BY start ORDER BY start
"""  # noqa: S608  # likewise
_ROLLED_SQL = f"""
    SELECT {_SLICE.replace("@TIME", "bucket_ms")} AS start,
        minIf(low, numbers > 0) AS least, maxIf(high, numbers > 0) AS greatest,
        argMaxIf(last, last_at_ms, numbers > 0) AS newest, sum(readings) AS all_readings,
        sum(good) AS all_good, sum(total) / sum(numbers) AS mean
    FROM @TABLE FINAL
    WHERE metric = {{metric:String}} AND series = {{series:UInt32}}
        AND bucket_ms >= {{start_ms:Int64}} AND bucket_ms < {{end_ms:Int64}}
        AND {READABLE}
    GROUP BY start HAVING sum(numbers) > 0 ORDER BY start
"""  # noqa: S608  # likewise
_COUNT_SQL = f"""
    SELECT sum(readings) AS known,
        countIf(readings >= 120) AS busy, count() AS hours
    FROM tram.rollup_hour FINAL
    WHERE metric = {{metric:String}} AND series = {{series:UInt32}}
        AND bucket_ms >= {{start_ms:Int64}} AND bucket_ms < {{end_ms:Int64}}
        AND {READABLE}
"""  # noqa: S608  # likewise


@answers(SeriesRange)
def series_range(question: SeriesRange, asker: Asker, context: QueryContext) -> Series:
    """Return one metric over a span: raw if at most ``points``, else thinned.

    Raises:
        Refused: ``store.question`` for a span or a number of points that cannot be.
    """
    _check(question)
    series = context.series_of(question.device, question.metric)
    if series is None:
        return Series(question.metric, raw=True)
    span, edge_ms = question.span, context.edge()
    scope = context.readable(asker, question.device, question.metric)
    params = scope.params | {
        "series": str(series),
        "start_ms": str(span.start_ms),
        "end_ms": str(span.end_ms),
    }

    def ask(sql: str, **more: int) -> pa.Table:
        """Return what a statement finds within the scope."""
        bound = params | {name: str(number) for name, number in more.items()}
        return context.engine.query(sql.replace(READABLE, scope.condition), bound)

    counted = ask(_COUNT_SQL, end_ms=min(span.end_ms, edge_ms))
    known = counted["known"][0].as_py() or 0
    if known <= question.points:
        found = ask(_RAW_SQL, many=question.points + 1)
        if found.num_rows <= question.points:
            return _raw(question.metric, found)
    if _is_text(ask(_NEWEST_SQL, many=1)):
        newest = ask(_NEWEST_SQL, many=question.points)
        return _raw(
            question.metric, newest.take(list(range(newest.num_rows))[::-1]), truncated=True
        )
    if question.thin == "lttb" and known <= LTTB_ROWS_MAX:
        found = ask(_RAW_SQL, many=LTTB_ROWS_MAX)
        return _raw(question.metric, found.take(_shape(found, question.points)), thinned=True)
    is_busy = counted["busy"][0].as_py() * 2 > counted["hours"][0].as_py()
    return _buckets(ask, question, edge_ms, is_busy=is_busy)


def _check(question: SeriesRange) -> None:
    """Refuse a span without length and a number of points beyond the limit."""
    faults = []
    if question.span.end_ms <= question.span.start_ms:
        faults.append(Fault("end_ms", "span.end"))
    if not 1 <= question.points <= POINTS_MAX:
        faults.append(Fault("points", "points.count", {"most": POINTS_MAX}))
    if question.thin not in {"minmax", "lttb"}:
        faults.append(Fault("thin", "points.thinned"))
    if faults:
        raise Refused("store.question", " ".join(f.sentence for f in faults), faults=tuple(faults))


def lttb(
    times: npt.NDArray[np.float64], values: npt.NDArray[np.float64], points: int
) -> npt.NDArray[np.int64]:
    """Return the places of ``points`` readings that keep the shape, the first and last among them.

    From each slice the reading is kept that spans the largest triangle with the one kept before
    and the mean of the next slice.
    """
    count = len(times)
    if count <= points or points < 3:  # noqa: PLR2004  # a triangle has three corners
        return np.arange(count, dtype=np.int64)
    borders = np.linspace(1, count - 1, points - 1).astype(np.int64)
    kept = np.zeros(points, np.int64)
    kept[-1] = count - 1
    means = np.add.reduceat(np.stack([times, values]), np.append(borders[:-1], count - 1), axis=1)
    means = means[:, :-1] / np.diff(borders)
    before = 0
    for place in range(points - 2):
        part = slice(borders[place], borders[place + 1])
        if place + 1 < points - 2:
            next_time, next_value = means[:, place + 1]
        else:
            next_time, next_value = times[-1], values[-1]
        area = np.abs(
            (times[before] - next_time) * (values[part] - values[before])
            - (times[before] - times[part]) * (next_value - values[before])
        )
        before = int(borders[place]) + int(np.argmax(area))
        kept[place + 1] = before
    return kept


def _buckets(
    ask: Callable[..., pa.Table], question: SeriesRange, edge_ms: int, *, is_busy: bool
) -> Series:
    span = question.span
    width_ms = math.ceil((span.end_ms - span.start_ms) / question.points)
    step_ms = HOUR_MS if width_ms >= HOUR_MS else MINUTE_MS
    if width_ms < MINUTE_MS or (step_ms == MINUTE_MS and not is_busy):
        found = ask(_BUCKETS_SQL, width_ms=width_ms)
        return Series(question.metric, raw=False, buckets=_lines(found))
    width_ms = math.ceil(width_ms / step_ms) * step_ms
    start_ms = span.start_ms // step_ms * step_ms
    rolled_ms = max(min(span.end_ms, edge_ms), start_ms)
    rolled_ms = start_ms + (rolled_ms - start_ms) // width_ms * width_ms
    table = "tram.rollup_hour" if step_ms == HOUR_MS else "tram.rollup_minute"
    sql = _ROLLED_SQL.replace("@TABLE", table)
    buckets = _lines(ask(sql, start_ms=start_ms, end_ms=rolled_ms, width_ms=width_ms))
    if rolled_ms < span.end_ms:
        buckets += _lines(ask(_BUCKETS_SQL, start_ms=rolled_ms, width_ms=width_ms))
    return Series(question.metric, raw=False, buckets=buckets)


def _is_text(first: pa.Table) -> bool:
    return bool(first.num_rows) and first["kind"][0].as_py() == Kind.TEXT


def _shape(found: pa.Table, points: int) -> npt.NDArray[np.int64]:
    kind = found["kind"].to_numpy()
    values = np.where(kind == Kind.FLOAT, found["f"].to_numpy(), found["i"].to_numpy())
    times = found["observed_at_ms"].to_numpy()
    return lttb((times - times[0]).astype(np.float64), values.astype(np.float64), points)


def _lines(found: pa.Table) -> list[Bucket]:
    columns = [column.to_pylist() for column in found.columns]
    return [Bucket(*line) for line in zip(*columns, strict=True)]


def _raw(
    metric: str, found: pa.Table, *, truncated: bool = False, thinned: bool = False
) -> Series:
    column: dict[str, list[Any]] = {name: found[name].to_pylist() for name in found.column_names}
    parts = zip(column["kind"], column["f"], column["i"], column["s"], strict=True)
    return Series(
        metric,
        raw=True,
        times=column["observed_at_ms"],
        values=[value_of(*part) for part in parts],
        statuses=column["status"],
        qualities=column["quality"],
        revisions=column["revision"],
        truncated=truncated,
        thinned=thinned,
    )
