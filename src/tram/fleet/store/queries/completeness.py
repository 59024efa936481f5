"""How much of what was expected came, and the gap ledger, for any scope in one statement each."""

from typing import NamedTuple

import pyarrow as pa

from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.queries.limits import RowConditions
from tram.fleet.store.views import Asked, LedgerEntry
from tram.runtime.errors import Refused

__all__ = ("LINES_MAX", "completeness", "ledger")

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
_LEDGER_SQL = """
    SELECT kind, device, metric, start_ms, end_ms, readings, noted_at_ms FROM tram.gaps FINAL
    WHERE gone = 0 AND start_ms < {end_ms:Int64} AND end_ms > {start_ms:Int64}
        AND ({kind:Int16} < 0 OR kind = {kind:Int16}) AND @NARROWED AND @SCOPE
    ORDER BY end_ms - start_ms DESC, series, start_ms LIMIT {many:UInt32}
"""


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


def completeness(engine: Engine, asked: Asked, limits: RowConditions, edge_ms: int) -> pa.Table:
    """Return expected and received readings, over the whole span or by step, in groups.

    The columns are those of ``CompletenessPoint``.

    Days and months are Vietnamese; ``start_ms`` must begin one. Nothing is expected from
    ``edge_ms`` on, where no rollup is yet, nor before a series' first reading.

    Raises:
        Refused: ``store.question`` for an unknown step or group, or too many lines.
    """
    if asked.by not in _GROUPS:
        raise Refused("store.question", f"Groups are {', '.join(filter(None, _GROUPS))}.")
    if asked.step and asked.step not in _STEPS:
        raise Refused("store.question", f"Steps are {', '.join(_STEPS)} or none.")
    step = _STEPS.get(asked.step)
    sql = _WHOLE_SQL if step is None else _STEPPED_SQL
    parts = {"GROUP": _GROUPS[asked.by], "NARROWED": limits.narrow, "SCOPE": limits.scope}
    parts["DEVICES"] = "device IN {devices:Array(Int64)}" if limits.is_named else "1"
    params = limits.params | _times(asked, edge_ms, LINES_MAX + 1)
    if step is not None:
        if min(asked.end_ms, edge_ms) - asked.start_ms > STEPS_MAX * step.width_ms:
            raise Refused("store.question", f"At most {STEPS_MAX} steps are answered at once.")
        parts |= {"BUCKET": step.bucket, "SLOTS": step.slots, "TABLE": step.table}
        params["width_ms"] = str(step.width_ms)
    found = engine.query(_filled(sql, parts), params)
    if found.num_rows > LINES_MAX:
        raise Refused(
            "store.question",
            f"The answer has more than {LINES_MAX} lines.",
            "Ask for a shorter span, a longer step or fewer groups.",
        )
    return found


def ledger(engine: Engine, asked: Asked, limits: RowConditions) -> list[LedgerEntry]:
    """Return the entries of the gap ledger that touch a span, the longest first."""
    sql = _filled(_LEDGER_SQL, {"NARROWED": limits.narrow, "SCOPE": limits.scope})
    params = limits.params | _times(asked, 0, min(asked.limit, LINES_MAX))
    params["kind"] = str(-1 if asked.kind is None else asked.kind)
    found = engine.query(sql, params)
    columns = [column.to_pylist() for column in found.columns]
    return [LedgerEntry(*line) for line in zip(*columns, strict=True)]


def _times(asked: Asked, edge_ms: int, many: int) -> dict[str, str]:
    return {
        "start_ms": str(asked.start_ms),
        "end_ms": str(asked.end_ms),
        "edge_ms": str(edge_ms),
        "many": str(many),
    }


def _filled(sql: str, parts: dict[str, str]) -> str:
    for name, text in parts.items():
        sql = sql.replace(f"@{name}", text)
    return sql
