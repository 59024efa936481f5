"""How much of what was expected came, for any scope in one statement."""

from typing import NamedTuple

import pyarrow as pa

from tram.fleet.store.queries.aggregates import not_more
from tram.fleet.store.queries.handlers import QueryContext, answers
from tram.fleet.store.queries.questions import Asker, Completeness
from tram.fleet.store.queries.scoping import filled
from tram.runtime.errors import Refused

__all__ = ("LINES_MAX", "completeness")

LINES_MAX = 100_000
STEPS_MAX = 10_000
_GROUPS = {
    "": "''",
    "series": "concat(toString(e.device), ' ', e.metric)",
    "device": "toString(e.device)",
    "metric": "e.metric",
    "org": "toString(e.org_id)",
    "zone": "toString(e.zone)",
    "sector": "e.sector",
}
_UNTIL = "least({end_ms:Int64}, {edge_ms:Int64})"
_EXPECTED = f"""
    SELECT *, @SCOPE AS is_mine
    FROM (
        SELECT x.series AS series, x.device AS device, x.metric AS metric,
            x.interval_ms AS interval_ms, greatest(x.first_ms, {{start_ms:Int64}}) AS since_ms,
            d.org AS org_id, d.zone AS zone, d.sector AS sector
        FROM (
            SELECT * FROM tram.expected FINAL
            WHERE interval_ms > 0 AND first_ms < {_UNTIL} AND @NARROWED
        ) AS x
        LEFT JOIN (SELECT * FROM tram.dim_device FINAL WHERE gone = 0 AND @DEVICES) AS d ON d.device = x.device
    )
"""  # noqa: S608  # constants of this module; values are bound
_WHOLE_SQL = f"""
    SELECT toInt64({{start_ms:Int64}}) AS bucket_ms, @GROUP AS named, sum(e.due) AS expected,
        sum(least(c.slots, e.due)) AS came, sum(c.readings) AS readings, sum(c.good) AS good,
        count() AS series
    FROM (
        SELECT *, toUInt64(greatest(intDiv({_UNTIL} - since_ms, interval_ms), 1)) AS due
        FROM ({_EXPECTED})
    ) AS e
    LEFT JOIN (
        SELECT series, sum(q.slots) AS slots, sum(q.readings) AS readings, sum(q.good) AS good
        FROM tram.rollup_day AS q FINAL
        WHERE bucket_ms >= {{start_ms:Int64}} AND bucket_ms < {_UNTIL} AND @NARROWED AND @SCOPE
        GROUP BY series
    ) AS c ON c.series = e.series
    WHERE e.is_mine OR c.readings > 0
    GROUP BY named ORDER BY named LIMIT {{many:UInt32}}
"""  # noqa: S608  # likewise
_STEPPED_SQL = f"""
    SELECT @BUCKET AS step_ms, @GROUP AS named, sum(e.due) AS expected,
        sum(least(c.slots, e.due)) AS came, sum(c.readings) AS readings, sum(c.good) AS good,
        uniqExact(e.series) AS series
    FROM (
        SELECT *, toUInt64(greatest(intDiv(least(bucket_ms + {{width_ms:Int64}}, {_UNTIL})
            - greatest(bucket_ms, since_ms), interval_ms), 1)) AS due
        FROM (
            SELECT *, arrayJoin(arrayMap(n -> {{start_ms:Int64}} + n * {{width_ms:Int64}},
                range(toUInt32(greatest(intDiv({_UNTIL} - {{start_ms:Int64}}
                    + {{width_ms:Int64}} - 1, {{width_ms:Int64}}), 0))))) AS bucket_ms
            FROM ({_EXPECTED})
        )
        WHERE bucket_ms + {{width_ms:Int64}} > since_ms
    ) AS e
    LEFT JOIN (
        SELECT series, bucket_ms, sum(q.@SLOTS) AS slots, sum(q.readings) AS readings,
            sum(q.good) AS good
        FROM @TABLE AS q FINAL
        WHERE bucket_ms >= {{start_ms:Int64}} AND bucket_ms < {_UNTIL} AND @NARROWED AND @SCOPE
        GROUP BY series, bucket_ms
    ) AS c ON c.series = e.series AND c.bucket_ms = e.bucket_ms
    WHERE e.is_mine OR c.readings > 0
    GROUP BY step_ms, named ORDER BY step_ms, named LIMIT {{many:UInt32}}
"""  # noqa: S608  # likewise


class _Step(NamedTuple):
    """Which rollup a step reads, the column that counts what came, and how buckets are named."""

    table: str
    slots: str
    width_ms: int
    bucket: str = "e.bucket_ms"


_STEPS = {
    "hour": _Step("tram.rollup_hour", "readings", 3_600_000),
    "day": _Step("tram.rollup_day", "slots", 86_400_000),
    "month": _Step(
        "tram.rollup_day",
        "slots",
        86_400_000,
        "toInt64(toUnixTimestamp(toStartOfMonth(toDateTime(intDiv(e.bucket_ms, 1000),"
        " 'Asia/Ho_Chi_Minh')), 'Asia/Ho_Chi_Minh')) * 1000",
    ),
}


@answers(Completeness)
def completeness(question: Completeness, asker: Asker, context: QueryContext) -> pa.Table:
    """Return expected and received readings, over the whole span or by step, in groups.

    The columns are those of ``CompletenessPoint``.

    Days and months are Vietnamese; the span must begin with one. Nothing is expected where no
    rollup is yet, nor before a series' first reading.

    Raises:
        Refused: ``store.question`` for an unknown step or group, or too many lines.
    """
    if question.by not in _GROUPS:
        raise Refused("store.question", f"Groups are {', '.join(filter(None, _GROUPS))}.")
    if question.step and question.step not in _STEPS:
        raise Refused("store.question", f"Steps are {', '.join(_STEPS)} or none.")
    step = _STEPS.get(question.step)
    span, edge_ms = question.span, context.edge()
    limits = context.limits(asker, question.selection)
    sql = _WHOLE_SQL if step is None else _STEPPED_SQL
    parts = {"GROUP": _GROUPS[question.by], "NARROWED": limits.narrow, "SCOPE": limits.scope}
    parts["DEVICES"] = "device IN {devices:Array(Int64)}" if limits.is_named else "1"
    params = limits.params | {
        "start_ms": str(span.start_ms),
        "end_ms": str(span.end_ms),
        "edge_ms": str(edge_ms),
        "many": str(LINES_MAX + 1),
    }
    if step is not None:
        if min(span.end_ms, edge_ms) - span.start_ms > STEPS_MAX * step.width_ms:
            raise Refused("store.question", f"At most {STEPS_MAX} steps are answered at once.")
        parts |= {"BUCKET": step.bucket, "SLOTS": step.slots, "TABLE": step.table}
        params["width_ms"] = str(step.width_ms)
    return not_more(context.engine.query(filled(sql, parts), params), LINES_MAX, "lines")
