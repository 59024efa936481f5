"""A device's accepted messages, each with the first of the values that it brought."""

from typing import Any

from tram.domain.reading import value_of
from tram.fleet.store.queries.handlers import QueryContext, answers
from tram.fleet.store.queries.limits import lines_bound
from tram.fleet.store.queries.questions import Asker, RecentMessages
from tram.fleet.store.queries.scoping import READABLE
from tram.fleet.store.views import MessageValue, RawMessage

__all__ = ("recent_messages",)

VALUES_PER_MESSAGE = 4

_MESSAGES_SQL = f"""
    SELECT received_at_ms, protocol, qos, rows, fingerprint, log_epoch, log_seq, first_row
    FROM tram.messages WHERE device = {{device:Int64}} AND {READABLE}
    ORDER BY received_at_ms DESC, log_epoch DESC, log_seq DESC, message_no DESC
    LIMIT {{many:UInt32}}
"""  # noqa: S608  # likewise
_VALUES_SQL = """
    SELECT log_epoch, log_seq, row_no, series, kind, f, i, s FROM tram.readings
    WHERE series IN {series:Array(UInt32)} AND log_seq IN {seqs:Array(Int64)}
        AND received_at_ms >= {start_ms:Int64}
    ORDER BY row_no LIMIT 100000
"""


@answers(RecentMessages)
def recent_messages(
    question: RecentMessages, asker: Asker, context: QueryContext
) -> list[RawMessage]:
    """Return a device's messages with their first values, newest first."""
    params = {"many": lines_bound(question.limit)}
    lines = context.of_device(_MESSAGES_SQL, asker, question.device, params).to_pylist()
    values = _values(question.device, lines, context) if lines else {}
    return [
        RawMessage(
            received_at_ms=line["received_at_ms"],
            protocol=line["protocol"],
            qos=line["qos"],
            rows=line["rows"],
            fingerprint=f"{line['fingerprint']:016x}",
            values=[
                values[key]
                for key in (
                    (line["log_epoch"], line["log_seq"], line["first_row"] + place)
                    for place in range(min(line["rows"], VALUES_PER_MESSAGE))
                )
                if key in values
            ],
        )
        for line in lines
    ]


def _values(
    device: int, lines: list[dict[str, Any]], context: QueryContext
) -> dict[tuple[int, int, int], MessageValue]:
    """Return the values that these messages brought, by identity."""
    params = {
        "series": str(context.latest.series_of.get(device, [])),
        "seqs": str(sorted({line["log_seq"] for line in lines})),
        "start_ms": str(min(line["received_at_ms"] for line in lines)),
    }
    return {
        (row["log_epoch"], row["log_seq"], row["row_no"]): MessageValue(
            context.latest.metric[row["series"]],
            value_of(row["kind"], row["f"], row["i"], row["s"]),
        )
        for row in context.engine.query(_VALUES_SQL, params).to_pylist()
    }
