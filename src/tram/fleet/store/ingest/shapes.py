"""From the batch's columns to the tables' rows."""

import numpy as np
import pyarrow as pa

from tram.domain.days import DAY_MS, HOUR_MS
from tram.domain.reading import value_of
from tram.fleet.block.block import EventKind
from tram.fleet.store.columns import BlockColumns, Events, Ints, Mask, Messages, ReadingColumns
from tram.fleet.store.engine.insertion import BadRow
from tram.fleet.store.engine.tables import (
    EVENTS,
    MESSAGE_DAYS,
    MESSAGES,
    QUARANTINE,
    READINGS,
    Table,
)
from tram.fleet.store.state.series import NAMES_PER_ORG_MAX

__all__ = (
    "CAPPED_CODE",
    "capped_events",
    "event_rows",
    "joined_events",
    "listed",
    "message_rows",
    "quarantine_bad",
    "quarantine_capped",
    "reading_rows",
)

CAPPED_CODE = "metric.too_many"
_OWN_EVENTS_FROM = 1 << 24
"""Numbers of events that the store adds to a block, above those that it came with."""
_REASONS = {READINGS.name: "reading", MESSAGES.name: "message", EVENTS.name: "event"}


def reading_rows(rows: ReadingColumns, series: Ints, revision: Ints, epoch: int) -> pa.Table:
    """Return readings as table rows."""
    return _table(
        READINGS,
        {
            "series": series,
            "observed_at_ms": rows.observed_at_ms,
            "kind": rows.kind,
            "f": rows.f,
            "i": rows.i,
            "s": rows.s,
            "status": rows.status,
            "quality": rows.quality,
            "revision": revision,
            "org_id": rows.org_id,
            "log_epoch": _all(epoch, len(rows)),
            "log_seq": rows.seq,
            "row_no": rows.row_no,
            "received_at_ms": rows.received_at_ms,
        },
    )


def listed(messages: Messages, now_ms: int) -> Messages:
    """Return the messages that the table still takes.

    A backlog may be older than the days that messages stay. The engine drops such rows at any moment,
    so that the count beside an insert comes out short; they stay out, an hour early.
    """
    if not len(messages.received_at_ms):
        return messages
    return messages.where(messages.received_at_ms > now_ms - MESSAGE_DAYS * DAY_MS + HOUR_MS)


def message_rows(messages: Messages, epoch: int) -> pa.Table:
    """Return messages as table rows."""
    return _table(
        MESSAGES,
        {
            "device": messages.device,
            "received_at_ms": messages.received_at_ms,
            "org_id": messages.org_id,
            "protocol": messages.protocol,
            "qos": messages.qos,
            "packet_id": messages.packet_id,
            "fingerprint": messages.fingerprint,
            "idempotency_key": messages.idempotency_key,
            "first_row": messages.first_row,
            "rows": messages.rows,
            "log_epoch": _all(epoch, len(messages)),
            "log_seq": messages.seq,
            "message_no": messages.number,
        },
    )


def event_rows(events: Events, epoch: int) -> pa.Table:
    """Return events as table rows."""
    return _table(
        EVENTS,
        {
            "device": events.device,
            "at_ms": events.at_ms,
            "org_id": events.org_id,
            "kind": events.kind,
            "code": events.code,
            "detail": events.detail,
            "boot": events.boot,
            "log_epoch": _all(epoch, len(events)),
            "log_seq": events.seq,
            "event_no": events.number,
            "received_at_ms": events.received_at_ms,
        },
    )


def capped_events(block_columns: BlockColumns, capped: Mask, keys_per_device: int) -> Events:
    """Return one refusal per device and block for rows beyond the device's metrics."""
    rows = block_columns.rows.where(capped)
    _, first = np.unique(np.stack([rows.seq, rows.device]), axis=1, return_index=True)
    mask = np.zeros(len(rows), np.bool_)
    mask[first] = True
    rows = rows.where(mask)
    texts = [
        f"The device has {keys_per_device} metrics, or its organisation named {NAMES_PER_ORG_MAX}:"
        " more are not accepted, "
        f"'{block_columns.words[word]}'."
        for word in rows.word.tolist()
    ]
    return Events(
        seq=rows.seq,
        number=rows.row_no + _OWN_EVENTS_FROM,
        device=rows.device,
        org_id=rows.org_id,
        at_ms=rows.received_at_ms,
        kind=_all(EventKind.REFUSED, len(rows)),
        code=pa.array([CAPPED_CODE] * len(rows), pa.utf8()),
        detail=pa.array(texts, pa.utf8()),
        boot=pa.array([""] * len(rows), pa.utf8()),
        received_at_ms=rows.received_at_ms,
    )


def joined_events(first: Events, second: Events) -> Events:
    """Return both, one after the other."""
    return Events(
        *(
            pa.concat_arrays([one, two])
            if isinstance(one, pa.Array)
            else np.concatenate([one, two])
            for one, two in (
                (getattr(first, name), getattr(second, name)) for name in Events.__slots__
            )
        )
    )


def quarantine_capped(block_columns: BlockColumns, capped: Mask, epoch: int) -> pa.Table:
    """Return the rows beyond their devices' metrics as quarantine rows."""
    if not capped.any():
        return QUARANTINE.schema.empty_table()
    rows = block_columns.rows.where(capped)
    return _quarantine(
        rows, block_columns.words, epoch, [CAPPED_CODE] * len(rows), [""] * len(rows)
    )


def quarantine_bad(
    block_columns: BlockColumns, rows: ReadingColumns, bad: list[BadRow], epoch: int
) -> pa.Table:
    """Return rows that the engine does not take as quarantine rows; ``rows`` holds the readings."""
    if not bad:
        return QUARANTINE.schema.empty_table()
    readings = [row for row in bad if row.table == READINGS.name]
    sentences = {(row.seq, row.number): row.sentence for row in readings}
    identity = list(zip(rows.seq.tolist(), rows.row_no.tolist(), strict=True))
    mask = np.array([key in sentences for key in identity], np.bool_)
    chosen = rows.where(mask)
    details = [sentences[key] for key in identity if key in sentences]
    reasons = [_REASONS[READINGS.name]] * len(chosen)
    table = _quarantine(chosen, block_columns.words, epoch, reasons, details)
    others = [_other(row, epoch) for row in bad if row.table != READINGS.name]
    return pa.concat_tables([table, *others])


def _other(bad: BadRow, epoch: int) -> pa.Table:
    line = bad.row.to_pylist()[0]
    return pa.Table.from_pylist(
        [
            {
                "device": line["device"],
                "metric": "",
                "observed_at_ms": line.get("at_ms", line["received_at_ms"]),
                "value": str(line),
                "reason": _REASONS[bad.table],
                "detail": bad.sentence,
                "org_id": line["org_id"],
                "log_epoch": epoch,
                "log_seq": bad.seq,
                "row_no": bad.number + (_OWN_EVENTS_FROM << list(_REASONS).index(bad.table)),
                "received_at_ms": line["received_at_ms"],
            }
        ],
        schema=QUARANTINE.schema,
    )


def _quarantine(
    rows: ReadingColumns, words: list[str], epoch: int, reasons: list[str], details: list[str]
) -> pa.Table:
    values = zip(
        rows.kind.tolist(), rows.f.tolist(), rows.i.tolist(), rows.s.to_pylist(), strict=True
    )
    return _table(
        QUARANTINE,
        {
            "device": rows.device,
            "metric": pa.array([words[word] for word in rows.word.tolist()], pa.utf8()),
            "observed_at_ms": rows.observed_at_ms,
            "value": pa.array([str(value_of(*value)) for value in values], pa.utf8()),
            "reason": pa.array(reasons, pa.utf8()),
            "detail": pa.array(details, pa.utf8()),
            "org_id": rows.org_id,
            "log_epoch": _all(epoch, len(rows)),
            "log_seq": rows.seq,
            "row_no": rows.row_no,
            "received_at_ms": rows.received_at_ms,
        },
    )


def _table(table: Table, columns: dict[str, object]) -> pa.Table:
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column).cast(field.type)
        for field, column in ((field, columns[field.name]) for field in table.schema)
    ]
    return pa.Table.from_arrays(arrays, schema=table.schema)


def _all(value: int, count: int) -> Ints:
    return np.full(count, value, np.int64)
