"""Readings that came before: the same value again is dropped, another value is a revision.

Only readings with a device time are compared. ``decide`` looks at earlier rows of the log only,
so that a replay decides the same; it works on whole columns.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tram.domain.reading import PERSON_REVISIONS, Kind, Quality
from tram.fleet.store.columns import Ints, Mask, ReadingColumns

__all__ = ("Lookup", "ReadingVerdict", "comparable", "decide")

Lookup = Callable[[Ints, Ints], pa.Table]
"""From series and times to the rows that the table holds of them, oldest first, with the columns
series, observed_at_ms, kind, f, i, s, status, revision."""


class ReadingVerdict(NamedTuple):
    """Which rows stay, and their revisions (0 for a first value)."""

    stays: Mask
    revision: Ints
    dropped: int = 0


class _Entries(NamedTuple):
    """Known rows, then new rows, of the same (series, time) pairs, each part in log order."""

    series: Ints
    time: Ints
    value: Ints
    known_revision: Ints
    """-1 for a new row."""


def comparable(quality: npt.NDArray[np.uint8]) -> Mask:
    """Return which rows have a time of the device's own."""
    mask: Mask = (quality & np.uint8(Quality.SERVER_TIMED)) == 0
    return mask


def decide(rows: ReadingColumns, series: Ints, newest: Ints, look_up: Lookup) -> ReadingVerdict:
    """Compare rows among themselves and with the table.

    ``newest`` is the newest plausible time known of each row's series; only rows not above it, or
    with an implausible time, can have come before and need the look-up.
    """
    stays = np.ones(len(rows), np.bool_)
    revision = np.zeros(len(rows), np.int64)
    timed = comparable(rows.quality)
    far = (rows.quality & np.uint8(Quality.CLOCK_FAR_OFF)) != 0
    late = timed & ((rows.observed_at_ms <= newest) | far)
    known = look_up(series[late], rows.observed_at_ms[late]) if late.any() else None
    asking = np.flatnonzero(_concerned(rows, series, timed, known))
    if not len(asking):
        return ReadingVerdict(stays, revision)
    entries = _entries(rows, series, asking, known)
    drop, numbers = _number(entries)
    new = entries.known_revision < 0
    stays[asking] = ~drop[new]
    revision[asking] = numbers[new]
    return ReadingVerdict(stays, revision, int(drop[new].sum()))


def _concerned(rows: ReadingColumns, series: Ints, timed: Mask, known: pa.Table | None) -> Mask:
    """Return the rows whose (series, time) occurs twice in the batch or is in the table."""
    pair = _pair_ids(series, rows.observed_at_ms, known)
    new, old = pair[: len(rows)], pair[len(rows) :]
    counts = np.bincount(new[timed], minlength=int(pair.max(initial=0)) + 1)
    counts[old] += 2
    mask: Mask = timed & (counts[new] > 1)
    return mask


def _pair_ids(series: Ints, time: Ints, known: pa.Table | None) -> Ints:
    """Return one small number per distinct (series, time) over the rows, then the known rows."""
    if known is not None:
        series = np.concatenate([series, known["series"].to_numpy().astype(np.int64)])
        time = np.concatenate([time, known["observed_at_ms"].to_numpy()])
    order = np.lexsort((time, series))
    sorted_series, sorted_time = series[order], time[order]
    starts = np.ones(len(order), np.bool_)
    starts[1:] = (np.diff(sorted_series) != 0) | (np.diff(sorted_time) != 0)
    pair = np.empty(len(order), np.int64)
    pair[order] = np.cumsum(starts) - 1
    return pair


def _entries(rows: ReadingColumns, series: Ints, asking: Ints, known: pa.Table | None) -> _Entries:
    chosen = rows.where(_mask(len(rows), asking))
    new = pa.table(
        {
            "kind": chosen.kind,
            "f": chosen.f,
            "i": chosen.i,
            "s": chosen.s,
            "status": chosen.status,
        }
    )
    both = (
        new
        if known is None
        else pa.concat_tables([known.select(new.column_names).cast(new.schema), new])
    )
    times, numbers = chosen.observed_at_ms, series[asking]
    revision = np.full(len(asking), -1, np.int64)
    if known is not None:
        times = np.concatenate([known["observed_at_ms"].to_numpy(), times])
        numbers = np.concatenate([known["series"].to_numpy().astype(np.int64), numbers])
        revision = np.concatenate([known["revision"].to_numpy().astype(np.int64), revision])
    return _Entries(numbers, times, _value_ids(both), revision)


def _value_ids(table: pa.Table) -> Ints:
    """Return one small number per distinct (kind, value, status)."""
    kind = table["kind"].to_numpy().astype(np.int64)
    texts = pc.dictionary_encode(table["s"].combine_chunks())
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    text = texts.indices.to_numpy().astype(np.int64)
    number = np.where(kind == Kind.FLOAT, table["f"].to_numpy().view(np.int64), 0)
    number = np.where(
        (kind == Kind.INTEGER) | (kind == Kind.BOOLEAN), table["i"].to_numpy(), number
    )
    number = np.where(kind == Kind.TEXT, text, number)
    status = table["status"].to_numpy().astype(np.int64)
    order = np.lexsort((status, number, kind))
    starts = np.zeros(len(order), np.bool_)
    for column in (kind, number, status):
        starts[1:] |= np.diff(column[order]) != 0
    ids = np.empty(len(order), np.int64)
    ids[order] = np.cumsum(starts)
    return ids


def _number(entries: _Entries) -> tuple[Mask, Ints]:
    """Return which entries repeat an earlier value of their pair, and the revision of each."""
    count = len(entries.series)
    order = np.lexsort((np.arange(count), entries.value, entries.time, entries.series))
    same = np.zeros(count, np.bool_)
    same[1:] = (
        (np.diff(entries.series[order]) == 0)
        & (np.diff(entries.time[order]) == 0)
        & (np.diff(entries.value[order]) == 0)
    )
    repeats = np.empty(count, np.bool_)
    repeats[order] = same
    known = entries.known_revision >= 0
    repeats &= ~known
    return repeats, _revisions(entries, known, repeats)


def _revisions(entries: _Entries, known: Mask, repeats: Mask) -> Ints:
    """Number the new values of each pair after its greatest known revision by a device."""
    pair = _pair_ids(entries.series, entries.time, None)
    greatest = np.full(int(pair.max()) + 1, -1, np.int64)
    known_to_device = known & (entries.known_revision < PERSON_REVISIONS)
    np.maximum.at(greatest, pair[known_to_device], entries.known_revision[known_to_device])
    order = np.lexsort((np.arange(len(pair)), pair))
    fresh = (~known & ~repeats)[order].astype(np.int64)
    running = np.cumsum(fresh) - fresh
    starts = np.flatnonzero(np.diff(pair[order], prepend=-1))
    base = np.repeat(running[starts], np.diff(np.append(starts, len(order))))
    revision = np.empty(len(pair), np.int64)
    revision[order] = running - base
    revision += greatest[pair] + 1
    return revision


def _mask(count: int, places: Ints) -> Mask:
    mask = np.zeros(count, np.bool_)
    mask[places] = True
    return mask
