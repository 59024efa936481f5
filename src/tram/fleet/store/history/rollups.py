"""Rollups: minutes, hours and Vietnamese days, worked out from the raw readings.

What came in the order of time is computed as it comes (``fresh``) and only written here. Any other
bucket with new rows is *dirty*; once its hour has passed, its row is computed anew from the table
and written with a higher version, which replaces the older one. Readings whose device time lies far
off are on no time axis and in no rollup. After a crash the dirty buckets are found again from the
raw rows above the place in the log that ``rolled.json`` names.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from tram.domain.days import DAY_MS, HOUR_MS, VIETNAM_MS
from tram.fleet.store.columns import Ints
from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.engine.tables import DATABASE, DIRTY, ROLLUP_DAY, ROLLUP_HOUR, ROLLUP_MINUTE
from tram.fleet.store.history.dirty_buckets import distinct, hours_of, series_of
from tram.fleet.store.history.incremental_rollups import MINUTES_FROM_READINGS, Fresh, Taken
from tram.runtime.whole_files import write_whole

__all__ = (
    "CURRENT_ROWS",
    "DAY_MS",
    "ROLLED_FILE",
    "VIETNAM_MS",
    "Rolled",
    "Roller",
    "day_start_ms",
)

CLOSED_AFTER_MS = 60_000
"""How long after its end an hour is first rolled."""
WAITING_MAX = 1_000_000
"""Closed hours that wait in memory; with more of them they are written before the next rebuild."""
PAIRS_MAX = 1_000_000
"""Most (series, hour) pairs of one rebuild."""
ROLLED_FILE = "rolled.json"
"""How far the rollups are; a backup takes it along."""
_MONTH_DAYS = 31

_OWN = (
    "series, observed_at_ms, if(bitAnd(quality, 1) = 1, log_seq, 0),"
    " if(bitAnd(quality, 1) = 1, row_no, 0)"
)
CURRENT_ROWS = f"""
    (({_OWN}) NOT IN (SELECT {_OWN} FROM tram.readings WHERE revision > 0
            AND observed_at_ms >= {{start_ms:Int64}} AND observed_at_ms < {{end_ms:Int64}})
        OR ({_OWN}, revision) IN (SELECT {_OWN}, max(revision) FROM tram.readings
            WHERE revision > 0 AND observed_at_ms >= {{start_ms:Int64}}
                AND observed_at_ms < {{end_ms:Int64}}
            GROUP BY {_OWN}))
"""  # noqa: S608  # constants of this module; values are bound
"""Of a reading's revisions only the newest counts."""
_HAS_REVISIONS_SQL = """
    SELECT count() AS found FROM tram.readings
    WHERE revision > 0 AND observed_at_ms >= {start_ms:Int64} AND observed_at_ms < {end_ms:Int64}
"""
_STATISTICS = """
    count() AS readings, countIf(is_good) AS good, countIf(is_good AND kind != 3) AS numbers,
    minIf(value, is_good AND kind != 3) AS low, maxIf(value, is_good AND kind != 3) AS high,
    sumIf(value, is_good AND kind != 3) AS total,
    argMaxIf(value, observed_at_ms, is_good AND kind != 3) AS last,
    maxIf(observed_at_ms, is_good AND kind != 3) AS last_at_ms
"""
_NAMES = """
    (SELECT (groupArray(series), groupArray(device), groupArray(metric)) FROM tram.series
        WHERE series BETWEEN {first:UInt32} AND {last:UInt32}
            AND series IN (SELECT toUInt32(bitShiftRight(pair, 32)) FROM tram.dirty))
"""
_ROLL_SQL = """
    INSERT INTO {{table}} (metric, series, bucket_ms, org_id, device, readings, good, numbers, low,
        high, total, last, last_at_ms, version)
    WITH {names} AS names
    SELECT transform(series, tupleElement(names, 1), tupleElement(names, 3), '') AS metric,
        toUInt32(bitShiftRight(r.slot, 32)) AS series,
        toInt64(bitAnd(r.slot, 4294967295)) * {{step_ms:Int64}} AS bucket_ms, r.org_id,
        transform(series, tupleElement(names, 1), tupleElement(names, 2), toInt64(0)) AS device,
        r.readings, r.good, r.numbers, r.low, r.high, r.total, r.last, r.last_at_ms,
        {{version:Int64}}
    FROM (
        SELECT slot, org_id, {statistics}
        FROM (
            SELECT observed_at_ms, org_id, kind, if(kind = 0, f, toFloat64(i)) AS value,
                status = 0 AND bitAnd(quality, 16) = 0 AS is_good,
                bitOr(bitShiftLeft(toUInt64(series), 32),
                    toUInt64(intDiv(observed_at_ms, {{step_ms:Int64}}))) AS slot
            FROM tram.readings
            WHERE series BETWEEN {{first:UInt32}} AND {{last:UInt32}}
                AND observed_at_ms >= {{start_ms:Int64}} AND observed_at_ms < {{end_ms:Int64}}
                AND bitAnd(quality, 2) = 0 AND {pairs} AND {current}
        )
        GROUP BY slot, org_id
        ORDER BY slot
    ) AS r
"""
"""In the order of the table: sorting what a hash left behind costs more than all the rest."""
_IN_PAIRS = """
    bitOr(bitShiftLeft(toUInt64(series), 32), toUInt64(intDiv(observed_at_ms, 3600000))) IN ({pairs})
"""
_EVERY_PAIR = "1"
_ROLLED_SQL = """
    SELECT count() AS found FROM tram.rollup_hour
    WHERE series BETWEEN {first:UInt32} AND {last:UInt32}
        AND bucket_ms >= {start_ms:Int64} AND bucket_ms < {end_ms:Int64}
"""
_DIRTY_PAIRS = "SELECT pair FROM tram.dirty"
_BUSY_PAIRS = """
    SELECT bitOr(bitShiftLeft(toUInt64(series), 32), toUInt64(intDiv(bucket_ms, 3600000))) AS pair
    FROM tram.rollup_hour
    WHERE version = {version:Int64} AND bucket_ms >= {start_ms:Int64}
        AND bucket_ms < {end_ms:Int64} AND readings >= {busy:UInt32}
        AND series BETWEEN {first:UInt32} AND {last:UInt32}
"""
_COUNT_BUSY_SQL = f"SELECT count() AS found FROM ({_BUSY_PAIRS})"  # noqa: S608  # likewise
_DAYS_SQL = """
    INSERT INTO {table} (metric, series, bucket_ms, org_id, device, readings, good, numbers, low,
        high, total, last, last_at_ms, slots, interval_ms, version)
    WITH (
        SELECT (groupArray(series), groupArray(interval_ms)) FROM (
            SELECT toUInt32(bitShiftRight(pair, 32)) AS series, any(interval_ms) AS interval_ms
            FROM tram.dirty GROUP BY series
        )
    ) AS known
    SELECT d.metric, toUInt32(bitShiftRight(d.slot, 32)),
        toInt64(bitAnd(d.slot, 4294967295)) * 86400000 - 25200000, d.org_id, d.device,
        d.all_readings, d.all_good, d.all_numbers, d.least, d.greatest, d.sums, d.newest,
        d.newest_ms,
        if(d.pause_ms > 3600000,
            least(d.all_readings, intDiv(86400000, greatest(d.pause_ms, 1)) + 1), d.filled),
        d.pause_ms, {version:Int64}
    FROM (
        SELECT h.slot AS slot, h.org_id AS org_id, any(h.metric) AS metric,
            any(h.device) AS device, sum(h.readings) AS all_readings, sum(h.good) AS all_good,
            sum(h.numbers) AS all_numbers, minIf(h.low, h.numbers > 0) AS least,
            maxIf(h.high, h.numbers > 0) AS greatest, sum(h.total) AS sums,
            argMaxIf(h.last, h.last_at_ms, h.numbers > 0) AS newest,
            max(h.last_at_ms) AS newest_ms, any(h.pause_ms) AS pause_ms,
            sum(if(h.pause_ms = 0, 0, least(h.readings,
                intDiv(3600000 + h.pause_ms - 1, greatest(h.pause_ms, 1))))) AS filled
        FROM (
            SELECT metric, org_id, device, readings, good, numbers, low, high, total, last,
                last_at_ms, bitOr(bitShiftLeft(toUInt64(series), 32),
                    toUInt64(intDiv(bucket_ms + 25200000, 86400000))) AS slot,
                transform(series, tupleElement(known, 1), tupleElement(known, 2), toInt64(0))
                    AS pause_ms
            FROM tram.rollup_hour {final}
            WHERE bucket_ms >= {start_ms:Int64} AND bucket_ms < {end_ms:Int64}
                AND series BETWEEN {first:UInt32} AND {last:UInt32} AND {days}
        ) AS h
        GROUP BY slot, org_id
        ORDER BY slot
    ) AS d
"""
_IN_DAYS = """
    bitOr(bitShiftLeft(toUInt64(series), 32),
        toUInt64(intDiv(bucket_ms + 25200000, 86400000))) IN (SELECT pair FROM tram.dirty)
"""
_OF_THIS_VERSION = "version = {version:Int64}"
_NOT_ROLLED = (
    "log_epoch > {epoch:Int64}",
    "log_epoch = {epoch:Int64} AND log_seq > {seq:Int64}",
    "observed_at_ms >= {open_ms:Int64}",
    "revision > 0 AND received_at_ms >= {at_ms:Int64}",
)
_FOUND_SQL = """
    SELECT DISTINCT bitOr(bitShiftLeft(toInt64(series), 32), intDiv(observed_at_ms, 3600000)) AS pair
    FROM tram.readings WHERE bitAnd(quality, 2) = 0 AND @MISSING
"""
"""Once for each of ``_NOT_ROLLED``: each by itself finds its rows without a look at all others."""
_SCATTERED_SQL = """
    SELECT table, partition_id AS id FROM system.parts
    WHERE active AND database = 'tram' AND table LIKE 'rollup%'
    GROUP BY table, id
    HAVING count() > 1 AND max(modification_time) < now() - INTERVAL 30 SECOND
        AND (sum(rows) < 2000000 OR id < toString(toYear(now())))
        AND sum(rows) < 10 * (sum(rows) - max(rows)) + 50000000
    ORDER BY sum(rows) LIMIT 1
"""
"""A period that nothing was added to for a while, yet lies in several parts.

A large one that still grows is left to the engine's own merges, as is a few rows' change in one
that is very large.
"""


class Rolled(msgspec.Struct, frozen=True):
    """Everything up to ``seq`` of the log is in the rollups, except hours from ``open_ms`` on."""

    epoch: int = -1
    seq: int = 0
    open_ms: int = 0
    version: int = 0
    at_ms: int = 0


class Roller:
    """Rebuilds dirty buckets; blocks the thread, never used by two at once."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        fresh: Fresh,
        intervals: Callable[[Ints], Ints],
        floors: Callable[[Ints], Ints],
    ) -> None:
        self._engine = engine
        self._file = folder / ROLLED_FILE
        self._fresh = fresh
        self._intervals = intervals
        self._floors = floors
        self.rolled = Rolled()

    @property
    def edge_ms(self) -> int:
        """Return until when the rollups are complete, save for late rows of the last seconds."""
        return self.rolled.open_ms

    def load(self, epoch: int) -> None:
        """Find the dirty buckets again after a start; ``epoch`` is that of the log now."""
        if self._file.exists():
            self.rolled = msgspec.json.decode(self._file.read_bytes(), type=Rolled)
        rolled = self.rolled
        place = {
            "epoch": str(rolled.epoch),
            "seq": str(rolled.seq),
            "open_ms": str(rolled.open_ms),
            "at_ms": str(rolled.at_ms),
        }
        for missing in _NOT_ROLLED[epoch == rolled.epoch :]:  # no rows of a later log then
            for part in self._engine.scan(_FOUND_SQL.replace("@MISSING", missing), place):
                self._fresh.put_dirty(part["pair"].to_numpy())

    def roll(self, epoch: int, seq: int, now_ms: int) -> int:
        """Write every bucket that has closed; return how many hours there were.

        ``epoch`` and ``seq`` are the place in the log up to which rows are in the table.
        """
        before_ms = (now_ms - CLOSED_AFTER_MS) // HOUR_MS * HOUR_MS
        taken = self._fresh.take(before_ms)
        floors = self._floors(series_of(taken.pairs))
        has_all = not floors.any()
        # Raw rows of older hours may be gone.
        pairs = taken.pairs[hours_of(taken.pairs) * HOUR_MS >= floors]
        version = self._next_version(now_ms)
        try:
            self._write(taken, version)
            for part in _slabs(pairs):
                self._roll_part(part, version + 1, has_all=has_all)
        except BaseException:
            self._fresh.put_back(taken)  # what was rolled already is rolled again
            raise
        self._save(Rolled(epoch, seq, before_ms, version + 1, now_ms))
        return len(pairs) + len(taken.hours.series)

    def flush(self, now_ms: int) -> None:
        """Write the buckets that newer readings have closed, when many of them wait."""
        if self._fresh.waiting < WAITING_MAX:
            return
        version = self._next_version(now_ms)
        self._save(msgspec.structs.replace(self.rolled, version=version))
        taken = self._fresh.take_closed()
        try:
            self._write(taken, version)
        except BaseException:
            self._fresh.put_back(taken)
            raise

    def _next_version(self, now_ms: int) -> int:
        return max(now_ms, self.rolled.version + 1)

    def _write(self, taken: Taken, version: int) -> None:
        hour = (taken.hours, ROLLUP_HOUR, 0)
        day = (taken.days, ROLLUP_DAY, VIETNAM_MS)
        for (buckets, table, offset_ms), width_ms in ((hour, HOUR_MS), (day, DAY_MS)):
            floors = self._floors(buckets.series)
            final = buckets.place * width_ms - offset_ms < floors
            rows = self._fresh.table(buckets.where(~final), table, version)
            self._engine.insert(table.full_name, rows)

    def tidy(self) -> bool:
        """Merge the parts of one quiet month of a rollup, if there is one; return whether."""
        found = self._engine.query(_SCATTERED_SQL).to_pylist()
        for line in found:
            table = f"{DATABASE}.{line['table']}"  # our own names, and a number
            self._engine.work(f"OPTIMIZE TABLE {table} PARTITION ID '{line['id']}' FINAL", {})
        return bool(found)

    def _roll_part(self, pairs: Ints, version: int, *, has_all: bool) -> None:
        """Rebuild the hours of some pairs, their minutes and their days.

        Where nothing was rolled yet every bucket is new, and none need be looked for.
        """
        series, starts = series_of(pairs), hours_of(pairs) * HOUR_MS
        days = day_start_ms(starts)
        params = {"first": str(int(series.min())), "last": str(int(series.max()))}
        params |= _span(int(days.min()), int(days.max()) + DAY_MS, version)
        is_fresh = has_all and not self._count(_ROLLED_SQL, params)
        params |= _span(int(starts.min()), int(starts.max()) + HOUR_MS, version)
        self._tell_dirty(pairs[_firsts(series)] if is_fresh else pairs)
        every = _EVERY_PAIR if is_fresh else _IN_PAIRS.format(pairs=_DIRTY_PAIRS)
        current = CURRENT_ROWS if self._count(_HAS_REVISIONS_SQL, params) else "1"
        sql = _roll_sql(ROLLUP_HOUR.full_name, every, current)
        self._engine.work(sql, params | {"step_ms": str(HOUR_MS)})
        busy = {"busy": str(MINUTES_FROM_READINGS)}
        if self._count(_COUNT_BUSY_SQL, params | busy):
            sql = _roll_sql(ROLLUP_MINUTE.full_name, _IN_PAIRS.format(pairs=_BUSY_PAIRS), current)
            self._engine.work(sql, params | busy | {"step_ms": "60000"})
        self._roll_days(series, days, params, is_fresh=is_fresh)

    def _roll_days(
        self, series: Ints, starts: Ints, params: dict[str, str], *, is_fresh: bool
    ) -> None:
        days = (starts + VIETNAM_MS) // DAY_MS
        keys = (series << 32) | days
        self._tell_dirty(keys[_firsts(series)] if is_fresh else distinct(keys))
        span = {"start_ms": str(int(starts.min())), "end_ms": str(int(starts.max()) + DAY_MS)}
        sql = _DAYS_SQL.replace("{table}", ROLLUP_DAY.full_name)
        sql = sql.replace("{final}", "" if is_fresh else "FINAL")
        sql = sql.replace("{days}", _OF_THIS_VERSION if is_fresh else _IN_DAYS)
        self._engine.work(sql, params | span)

    def _count(self, sql: str, params: dict[str, str]) -> int:
        return int(self._engine.query(sql, params)["found"][0].as_py())

    def _tell_dirty(self, pairs: Ints) -> None:
        intervals = self._intervals(series_of(pairs))
        columns = [pa.array(pairs).cast(pa.uint64()), pa.array(intervals)]
        self._engine.work(f"TRUNCATE TABLE {DIRTY.full_name}", {})
        self._engine.insert(DIRTY.full_name, pa.table(columns, schema=DIRTY.schema))

    def _save(self, rolled: Rolled) -> None:
        write_whole(self._file, msgspec.json.encode(rolled))
        self.rolled = rolled


def day_start_ms(times: Ints) -> Ints:
    """Return the start of the Vietnamese day of each time."""
    days: Ints = (times + VIETNAM_MS) // DAY_MS * DAY_MS - VIETNAM_MS
    return days


def _slabs(pairs: Ints) -> Iterator[Ints]:
    """Part pairs (ordered by hour) into rebuilds that fit into memory.

    Each covers a month of days at most, and within it a range of series: that is how readings lie
    on disk, so that no rebuild reads what belongs to another.
    """
    start = 0
    days = (hours_of(pairs) * HOUR_MS + VIETNAM_MS) // DAY_MS
    while start < len(pairs):
        end = int(np.searchsorted(days, days[start] + _MONTH_DAYS))
        month = np.sort(pairs[start:end])
        series = series_of(month)
        place = 0
        while place < len(month):
            until = len(month)
            if place + PAIRS_MAX < until:  # never between the hours of one series
                until = int(np.searchsorted(series, series[place + PAIRS_MAX]))
                if until <= place:
                    until = int(np.searchsorted(series, series[place], side="right"))
            yield month[place:until]
            place = until
        start = end


def _firsts(series: Ints) -> Ints:
    """Return the places of the first of each series; the pairs come ordered by series."""
    places: Ints = np.flatnonzero(np.diff(series, prepend=-1))
    return places


def _span(start_ms: int, end_ms: int, version: int) -> dict[str, str]:
    return {"start_ms": str(start_ms), "end_ms": str(end_ms), "version": str(version)}


def _roll_sql(table: str, pairs: str, current: str) -> str:
    sql = _ROLL_SQL.format(statistics=_STATISTICS, pairs=pairs, current=current, names=_NAMES)
    return sql.replace("{table}", table)
