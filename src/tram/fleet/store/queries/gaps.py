"""The gap ledger: silences of series, late fills and clocks that stand still."""

from collections.abc import Iterator

from tram.fleet.store.history.gap_ledger import GAP_INTERVALS
from tram.fleet.store.queries.handlers import QueryContext, answers
from tram.fleet.store.queries.questions import Asker, GapEntries
from tram.fleet.store.queries.scoping import filled
from tram.fleet.store.views import EntryKind, LedgerEntry

__all__ = ("gap_entries",)

LINES_MAX = 100_000
_LEDGER_SQL = """
    SELECT kind, device, metric, start_ms, end_ms, readings, noted_at_ms FROM tram.gaps FINAL
    WHERE gone = 0 AND start_ms < {end_ms:Int64} AND end_ms > {start_ms:Int64}
        AND ({kind:Int16} < 0 OR kind = {kind:Int16}) AND @NARROWED AND @SCOPE
    ORDER BY end_ms - start_ms DESC, series, start_ms LIMIT {many:UInt32}
"""


@answers(GapEntries)
def gap_entries(question: GapEntries, asker: Asker, context: QueryContext) -> list[LedgerEntry]:
    """Return the entries that touch a span: open silences of the device asked for, the longest."""
    limits = context.limits(asker, question.selection)
    params = limits.params | {
        "start_ms": str(question.span.start_ms),
        "end_ms": str(question.span.end_ms),
        "kind": str(-1 if question.kind is None else question.kind),
        "many": str(min(question.limit, LINES_MAX)),
    }
    sql = filled(_LEDGER_SQL, {"NARROWED": limits.narrow, "SCOPE": limits.scope})
    columns = [column.to_pylist() for column in context.engine.query(sql, params).columns]
    found = [LedgerEntry(*line) for line in zip(*columns, strict=True)]
    if question.kind in {None, int(EntryKind.GAP)} and question.selection.device:
        return [*_open_gaps(question, asker, context), *found]
    return found


def _open_gaps(question: GapEntries, asker: Asker, context: QueryContext) -> Iterator[LedgerEntry]:
    """Yield the silences of a device that have not ended."""
    device, wanted = question.selection.device, question.selection.metric
    latest, now_ms = context.latest, context.clock.now_ms()
    for series in latest.series_of.get(device, ()):
        metric = latest.metric[series]
        interval, newest = context.ledger.pulse(series)
        is_wanted = wanted in {"", metric} and newest < question.span.end_ms
        if not is_wanted or not interval or now_ms - newest <= GAP_INTERVALS * interval:
            continue
        orgs = context.dimensions.readable_orgs(asker.scopes, device, metric, now_ms)
        if int(latest.numbers["org_id"][series]) in orgs:
            yield LedgerEntry(int(EntryKind.GAP), device, metric, newest, now_ms, 0, now_ms)
