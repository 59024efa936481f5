"""Rows that no table took: what they were and why, for a person to look at."""

from tram.fleet.store.engine import Engine
from tram.fleet.store.queries.aggregates import narrowed, narrowing
from tram.fleet.store.queries.scoping import scoped
from tram.fleet.store.views import Asked, QuarantinedRow

__all__ = ("quarantined",)

LINES_MAX = 1_000
_SQL = """
    SELECT device, metric, observed_at_ms, value, reason, detail, received_at_ms
    FROM tram.quarantine WHERE @NARROWED AND @SCOPE
    ORDER BY received_at_ms DESC, log_seq DESC, row_no DESC LIMIT {many:UInt32}
"""


def quarantined(engine: Engine, asked: Asked, now_ms: int) -> list[QuarantinedRow]:
    """Return the newest rows in quarantine that are in scope."""
    scope = scoped(asked.scopes, now_ms)
    sql = _SQL.replace("@NARROWED", narrowed(asked)).replace("@SCOPE", scope.condition)
    params = scope.params | narrowing(asked) | {"many": str(min(asked.limit, LINES_MAX))}
    return [QuarantinedRow(**line) for line in engine.query(sql, params).to_pylist()]
