"""Readings as rows, for files: every reading in scope that a question names, in order."""

from collections.abc import Iterator
from typing import NamedTuple

from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.history.rollups import CURRENT_ROWS
from tram.fleet.store.queries.handlers import Lane, QueryContext, answers
from tram.fleet.store.queries.questions import Asker, ReadingRows
from tram.fleet.store.queries.scoping import filled, quoted_list
from tram.runtime.errors import Refused

__all__ = ("ExportStatement", "reading_rows")

WINDOW_MS = 31 * 86_400_000
WINDOW_ROWS = 300_000
"""So many rows, spread evenly, are ordered in memory at once."""
WINDOWS_MAX = 200
_WHERE = """
    observed_at_ms >= {start_ms:Int64} AND observed_at_ms < {end_ms:Int64}
    AND series IN (SELECT series FROM tram.series WHERE @NARROWED)
"""
_READABLE = """
    SELECT r.observed_at_ms AS observed_at_ms, s.device AS device, s.metric AS metric,
        r.kind AS kind, r.f AS f, r.i AS i, r.s AS s, r.status AS status, r.quality AS quality,
        r.revision AS revision, r.received_at_ms AS received_at_ms, r.org_id AS org_id,
        r.series AS series
    FROM (SELECT * FROM tram.readings WHERE @WHERE AND @CURRENT) AS r
    INNER JOIN tram.series AS s ON s.series = r.series
    WHERE @SCOPE
"""
_ROWS_SQL = f"""
    SELECT observed_at_ms, device, metric,
        if(kind = 3, NULL, if(kind = 0, f, toFloat64(i))) AS number,
        if(kind = 3, s, if(kind = 1 AND abs(i) > 9007199254740992, toString(i), NULL)) AS text,
        status, quality, revision, received_at_ms
    FROM ({_READABLE}) @ORDER
"""  # noqa: S608  # constants of this module; values are bound
_COUNT_SQL = f"SELECT count() AS found FROM ({_READABLE})"  # noqa: S608  # likewise
_EXTENT_SQL = """
    SELECT countIf(revision > 0) AS revised, min(observed_at_ms) AS first_ms,
        max(observed_at_ms) AS last_ms, count() AS found
    FROM tram.readings WHERE @WHERE
"""


class ExportStatement(NamedTuple):
    """A statement to be streamed once for each window of time, and the values that it binds.

    Windows keep memory small: each reads the few parts of its month.
    """

    sql: str
    params: list[dict[str, str]]


@answers(ReadingRows, Lane.EXPORT)
def reading_rows(question: ReadingRows, asker: Asker, context: QueryContext) -> ExportStatement:
    """Return the statement of an export: by window of time, series and time; newest revisions.

    Raises:
        Refused: ``export.too_long`` if ``limit`` is set and there are more rows.
    """
    span, engine = question.span, context.engine
    if span.end_ms <= span.start_ms:
        raise Refused("store.question", "The end must lie after the start.")
    limits = context.limits(asker, question.selection)
    metrics = "metric IN {metrics:Array(String)}" if question.metrics else "1"
    where = _WHERE.replace("@NARROWED", f"{limits.devices} AND {metrics}")
    params = limits.params | {
        "metrics": quoted_list(question.metrics),
        "start_ms": str(span.start_ms),
        "end_ms": str(span.end_ms),
    }
    extent = engine.query(_EXTENT_SQL.replace("@WHERE", where), params).to_pylist()[0]
    current = CURRENT_ROWS if extent["revised"] else "1"
    parts = {
        "WHERE": where,
        "CURRENT": current,
        "SCOPE": limits.scope,
        "ORDER": "ORDER BY series, observed_at_ms",
    }
    if question.limit:
        _check_count(engine, filled(_COUNT_SQL, parts), params, question.limit)
    # "All that there is" is asked for as a century: only where readings are is looked at.
    first_ms = max(span.start_ms, extent["first_ms"])
    windows = [
        params | part
        for part in _windows(first_ms, min(span.end_ms, extent["last_ms"] + 1), extent["found"])
    ]
    return ExportStatement(filled(_ROWS_SQL, parts), windows)


def _windows(first_ms: int, until_ms: int, rows: int) -> Iterator[dict[str, str]]:
    """Yield the parts of a span, few and a month long at most, oldest first; one if it is empty."""
    until_ms = max(until_ms, first_ms + 1)
    span_ms = until_ms - first_ms
    wanted_ms = min(WINDOW_MS, span_ms * WINDOW_ROWS // max(rows, 1))
    width_ms = max(wanted_ms, span_ms // WINDOWS_MAX + 1)
    for start_ms in range(first_ms, until_ms, width_ms):
        end_ms = min(start_ms + width_ms, until_ms)
        yield {"start_ms": str(start_ms), "end_ms": str(end_ms)}


def _check_count(engine: Engine, sql: str, params: dict[str, str], limit: int) -> None:
    found = engine.query(sql, params)["found"][0].as_py()
    if found > limit:
        raise Refused(
            "export.too_long",
            f"These are {found} rows; this kind of file holds {limit}.",
            "Choose a shorter span, or take CSV or Parquet.",
        )
