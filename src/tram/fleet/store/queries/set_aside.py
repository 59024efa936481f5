"""Rows that no table took: what they were and why, for a person to look at."""

from tram.fleet.store.queries.handlers import QueryContext, answers
from tram.fleet.store.queries.questions import Asker, QuarantinedRows
from tram.fleet.store.queries.scoping import filled
from tram.fleet.store.views import QuarantinedRow

__all__ = ("quarantined",)

LINES_MAX = 1_000
_SQL = """
    SELECT device, metric, observed_at_ms, value, reason, detail, received_at_ms
    FROM tram.quarantine WHERE @NARROWED AND @SCOPE
    ORDER BY received_at_ms DESC, log_seq DESC, row_no DESC LIMIT {many:UInt32}
"""


@answers(QuarantinedRows)
def quarantined(
    question: QuarantinedRows, asker: Asker, context: QueryContext
) -> list[QuarantinedRow]:
    """Return the newest rows in quarantine that are in scope."""
    limits = context.limits(asker, question.selection)
    sql = filled(_SQL, {"NARROWED": limits.devices, "SCOPE": limits.scope})
    params = limits.params | {"many": str(min(question.limit, LINES_MAX))}
    return [QuarantinedRow(**line) for line in context.engine.query(sql, params).to_pylist()]
