"""From blocks to rows on disk: one batch after the other, each exactly once.

Every decision (repeat, series, double, revision) looks at earlier rows of the log only; a batch
may therefore fail at any point and be processed again, also with other borders.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tram.domain.reading import Quality
from tram.fleet.block.given_back import is_for
from tram.fleet.log.reader import StreamMessage
from tram.fleet.store.columns import (
    BlockColumns,
    Events,
    Ints,
    Mask,
    Messages,
    Numbered,
    ReadingColumns,
    gather,
    read_block,
)
from tram.fleet.store.engine.checkpoint import Boot, Checkpoint, write_checkpoint
from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.engine.insertion import BadRow, Insertion, LogSpan
from tram.fleet.store.engine.tables import (
    CANDIDATES,
    EVENTS,
    FROM_LOG,
    MESSAGES,
    QUARANTINE,
    READINGS,
)
from tram.fleet.store.history.gap_ledger import Ledger, TimedReadings
from tram.fleet.store.history.incremental_rollups import Fresh
from tram.fleet.store.ingest.duplicate_messages import Repeats
from tram.fleet.store.ingest.shapes import (
    capped_events,
    event_rows,
    joined_events,
    listed,
    message_rows,
    quarantine_bad,
    quarantine_capped,
    reading_rows,
)
from tram.fleet.store.state.devices import BOOTS_MAX
from tram.fleet.store.state.duplicate_readings import ReadingVerdict as Doubles
from tram.fleet.store.state.duplicate_readings import decide
from tram.fleet.store.state.latest import LatestBoard
from tram.fleet.store.state.series import CAPPED, NewSeries, SeriesIndex
from tram.runtime.errors import Broken, is_of_the_entry, reason_of
from tram.runtime.logging import get_logger

__all__ = ("Applied", "Ingest", "IngestState", "LogRun", "read_run")

_EXACTLY_ONCE_QOS = 2

_CANDIDATES_SQL = """
SELECT series, observed_at_ms, kind, f, i, s, status, revision FROM tram.readings
WHERE (series, observed_at_ms) IN tram.candidates AND bitAnd(quality, 1) = 0
    AND (log_epoch != {epoch:Int64} OR log_seq < {seq:Int64})
ORDER BY log_epoch, log_seq, row_no
"""

log = get_logger()


@dataclass(frozen=True, slots=True)
class IngestState:
    """What ingest works with."""

    engine: Engine
    folder: Path
    series_index: SeriesIndex
    repeats: Repeats
    insertion: Insertion
    ledger: Ledger
    fresh: Fresh
    now_ms: Callable[[], int]
    keep: Callable[[int, int, bytes, str], None]
    """Keeps a block that cannot be read: epoch, sequence, bytes and reason."""


class LogRun(NamedTuple):
    """A run of the log, decoded: its blocks, and the entries that hold none with the reason.

    A run that ``is_skipped`` is one entry that lies in quarantine: nothing of it stays in the tables.
    """

    entries: Sequence[StreamMessage]
    blocks: list[Numbered]
    unreadable: list[tuple[StreamMessage, str]]
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """A batch that is on disk, for the arrays to follow."""

    checkpoint: Checkpoint
    boots: frozenset[str]
    new_series: list[NewSeries]
    rows: ReadingColumns | None = None
    series: Ints | None = None
    revision: Ints | None = None
    messages: Messages | None = None
    events: Events | None = None


@dataclass(frozen=True, slots=True)
class _Decided:
    """What becomes of a batch's lines."""

    block_columns: BlockColumns
    rows: ReadingColumns
    series: Ints
    messages: Messages
    events: Events
    doubles: Doubles
    capped: Mask
    keys: dict[tuple[int, str], int]

    def placed(self) -> TimedReadings:
        """Return the readings that stay and have a place on the time axis."""
        stays = self.doubles.stays
        kept, revision = self.rows.where(stays), self.doubles.revision[stays]
        return TimedReadings.of(kept, self.series[stays], revision, self.block_columns.words)


def read_run(entries: Sequence[StreamMessage]) -> LogRun:
    """Decode a run of the log; needs nothing of what came before it.

    Raises:
        Broken: if a block needs a newer version of the product.
    """
    blocks: list[Numbered] = []
    unreadable: list[tuple[StreamMessage, str]] = []
    for entry in entries:
        try:
            blocks.append(read_block(entry.seq, entry.payload))
        except Exception as error:
            is_newer = isinstance(error, Broken) and error.code == "block.newer"
            if is_newer or not is_of_the_entry(error):
                raise
            log.exception("block set aside", seq=entry.seq)
            unreadable.append((entry, reason_of(error)))
    return LogRun(entries, blocks, unreadable)


class Ingest:
    """Processes batches of blocks; blocks the thread, never used by two at once."""

    def __init__(
        self, parts: IngestState, latest: LatestBoard, checkpoint: Checkpoint, cap: int
    ) -> None:
        self._parts = parts
        self._latest = latest
        self._cap = cap
        self.checkpoint = checkpoint

    def process(self, run: LogRun) -> Applied:
        """Bring a run of the log into the tables and move the checkpoint.

        Raises:
            Unavailable: if the engine takes nothing now; call again with the same run.
            EngineError: likewise, while reading.
        """
        counters = self.checkpoint.counters
        boots = dict(self.checkpoint.boots)
        entries, blocks = run.entries, run.blocks
        epoch = self.checkpoint.epoch
        for entry, reason in run.unreadable:
            self._parts.keep(epoch, entry.seq, entry.payload, reason)
        if run.is_skipped:
            self._forget(epoch, entries[0].seq)
        new = [block for block in blocks if _takes(boots, block)]
        span = LogSpan(self.checkpoint.epoch, entries[0].seq, entries[-1].seq)
        decided = batch = None
        if any(_holds_something(block) for block in new):
            decided, batch, more = self._write(new, span)
            counters = counters.plus(**more)
        counters = counters.plus(
            blocks_skipped=len(blocks) - len(new),
            blocks_unreadable=len(run.unreadable) + run.is_skipped,
        )
        checkpoint = Checkpoint(
            epoch=span.epoch,
            seq=span.last_seq,
            received_at_ms=max((b.header.received_at_ms for _, b in blocks), default=0)
            or self.checkpoint.received_at_ms,
            boots=_youngest(boots),
            counters=counters,
        )
        write_checkpoint(self._parts.folder, checkpoint)
        if batch is not None:  # once for each row: from here on nothing fails
            self._parts.fresh.note(batch)
        self.checkpoint = checkpoint
        heard = frozenset(block.header.boot for _, block in blocks)
        return self._applied(decided, heard)

    def in_doubt(self, run: LogRun) -> None:
        """Remember that these entries may be partly in the tables."""
        entries = run.entries
        self._parts.insertion.doubt(
            LogSpan(self.checkpoint.epoch, entries[0].seq, entries[-1].seq)
        )

    def _applied(self, decided: _Decided | None, heard: frozenset[str]) -> Applied:
        new_series = self._parts.series_index.announced()
        if decided is None:
            return Applied(self.checkpoint, heard, new_series)
        self._parts.repeats.remember(decided.keys)
        stays = decided.doubles.stays
        return Applied(
            self.checkpoint,
            heard,
            new_series,
            decided.rows.where(stays),
            decided.series[stays],
            decided.doubles.revision[stays],
            decided.messages,
            decided.events,
        )

    def _forget(self, epoch: int, seq: int) -> None:
        """Remove what an entry has left in the tables before it was taken out."""
        place = {"epoch": str(epoch), "seq": str(seq)}
        where = "log_epoch = {epoch:Int64} AND log_seq = {seq:Int64}"
        for table in FROM_LOG:
            found = self._parts.engine.query(
                f"SELECT count() AS n FROM {table.full_name} WHERE {where}",  # noqa: S608  # our own names
                place,
            )
            if found["n"][0].as_py():
                self._parts.engine.command(
                    f"ALTER TABLE {table.full_name} DELETE WHERE log_epoch = {epoch:d}"
                    f" AND log_seq = {seq:d} SETTINGS mutations_sync = 2"
                )

    def _write(
        self, new: list[Numbered], span: LogSpan
    ) -> tuple[_Decided, TimedReadings, dict[str, int]]:
        decided = self._decide(gather(new), span)
        self._parts.series_index.save()
        epoch = span.epoch
        insert = self._parts.insertion.insert
        capped = quarantine_capped(decided.block_columns, decided.capped, epoch)
        stays = decided.doubles.stays
        kept, revision = decided.rows.where(stays), decided.doubles.revision[stays]
        bad: list[BadRow] = []
        for table, rows in (
            (MESSAGES, message_rows(listed(decided.messages, self._parts.now_ms()), epoch)),
            (EVENTS, event_rows(decided.events, epoch)),
            (READINGS, reading_rows(kept, decided.series[stays], revision, epoch)),
        ):
            bad += insert(table, rows, span)
        aside = pa.concat_tables([capped, quarantine_bad(decided.block_columns, kept, bad, epoch)])
        insert(QUARANTINE, aside, span)
        _take_out(decided, bad)
        batch = decided.placed()
        self._parts.ledger.note(batch)
        return decided, batch, _counted(decided, aside.num_rows)

    def _decide(self, block_columns: BlockColumns, span: LogSpan) -> _Decided:
        verdict = self._parts.repeats.decide(block_columns.messages, span.epoch)
        rows = block_columns.rows.where(verdict.is_new[block_columns.rows.message])
        block_columns = BlockColumns(
            rows, block_columns.messages, block_columns.events, block_columns.words
        )
        series = self._parts.series_index.assign(
            rows.device, rows.word, block_columns.words, rows.org_id
        )
        capped = series == CAPPED
        events = block_columns.events
        if capped.any():
            events = joined_events(events, capped_events(block_columns, capped, self._cap))
        rows, series = rows.where(~capped), series[~capped]
        doubles = decide(
            rows, series, self._latest.newest_of(series), lambda s, t: self._look_up(s, t, span)
        )
        conflicting = np.where(doubles.revision > 0, np.uint8(Quality.CONFLICTING), np.uint8(0))
        return _Decided(
            block_columns=block_columns,
            rows=replace(rows, quality=rows.quality | conflicting),
            series=series,
            messages=block_columns.messages.where(verdict.is_new),
            events=events,
            doubles=doubles,
            capped=capped,
            keys=verdict.keys,
        )

    def _look_up(self, series: Ints, times: Ints, span: LogSpan) -> pa.Table:
        """Return what the table holds of these pairs from before the span."""
        pairs = pa.table(
            [pa.array(series).cast(pa.uint32()), pa.array(times)], schema=CANDIDATES.schema
        )
        engine = self._parts.engine
        engine.command(f"TRUNCATE TABLE {CANDIDATES.full_name}")
        engine.insert(CANDIDATES.full_name, pairs)
        place = {"epoch": str(span.epoch), "seq": str(span.first_seq)}
        return engine.query(_CANDIDATES_SQL, place)


def _takes(boots: dict[str, Boot], numbered: Numbered) -> bool:
    """Note the block as its boot's last; return whether it is new."""
    header = numbered.block.header
    if not is_for(header.boot, "store"):
        return False
    last = boots.get(header.boot)
    if last is not None and header.number <= last.number:
        return False
    boots[header.boot] = Boot(header.number, header.received_at_ms)
    return True


def _youngest(boots: dict[str, Boot]) -> dict[str, Boot]:
    if len(boots) <= BOOTS_MAX:
        return boots
    order = sorted(boots, key=lambda boot: boots[boot].received_at_ms, reverse=True)
    return {boot: boots[boot] for boot in order[:BOOTS_MAX]}


def _holds_something(numbered: Numbered) -> bool:
    return bool(numbered.block.messages.num_rows or numbered.block.events.num_rows)


def _take_out(decided: _Decided, bad: list[BadRow]) -> None:
    """Strike the readings that went to quarantine, so that no array shows them."""
    rows, stays = decided.rows, decided.doubles.stays
    for row in bad:
        if row.table == READINGS.name:
            stays[(rows.seq == row.seq) & (rows.row_no == row.number)] = False


def _counted(decided: _Decided, aside: int) -> dict[str, int]:
    messages, stays = decided.block_columns.messages, decided.doubles.stays
    kept, revision = decided.rows.where(stays), decided.doubles.revision[stays]
    unmarked = (messages.qos != _EXACTLY_ONCE_QOS) & ~messages.duplicate
    unmarked &= pc.equal(messages.idempotency_key, "").to_numpy(zero_copy_only=False)
    untimed = (kept.quality & np.uint8(Quality.SERVER_TIMED)) != 0
    return {
        "rows": len(kept),
        "messages": len(decided.messages),
        "doubled_dropped": decided.doubles.dropped,
        "conflicting": int((revision > 0).sum()),
        "messages_dropped": len(messages) - len(decided.messages),
        "at_least_once": int((untimed & unmarked[kept.message]).sum()),
        "quarantined": aside,
    }
