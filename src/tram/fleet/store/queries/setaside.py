"""Rows that no table took: what they were and why, for a person to look at."""

from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.queries.limits import RowConditions
from tram.fleet.store.views import Asked, QuarantinedRow

__all__ = ("quarantined",)

LINES_MAX = 1_000
_SQL = """
    SELECT device, metric, observed_at_ms, value, reason, detail, received_at_ms
    FROM tram.quarantine WHERE @NARROWED AND @SCOPE
    ORDER BY received_at_ms DESC, log_seq DESC, row_no DESC LIMIT {many:UInt32}
"""


def quarantined(engine: Engine, asked: Asked, limits: RowConditions) -> list[QuarantinedRow]:
    """Return the newest rows in quarantine that are in scope."""
    sql = _SQL.replace("@NARROWED", limits.devices).replace("@SCOPE", limits.scope)
    params = limits.params | {"many": str(min(asked.limit, LINES_MAX))}
    return [QuarantinedRow(**line) for line in engine.query(sql, params).to_pylist()]
