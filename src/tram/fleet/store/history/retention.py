"""How long raw readings stay, by class of metric; nothing goes before its rollup is proven.

A class is a pattern of metric keys (``battery*=90, *=0``; the first that fits decides, 0 days keep
for ever). Before rows go, every hour of theirs is computed once more from the raw rows and compared
with its rollup; hours that differ are rebuilt, and nothing goes this time. The rollups stay, and an
hour whose raw rows are gone is never rebuilt from a late row.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from tram.domain.days import HOUR_MS
from tram.fleet.store.columns import Ints
from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.history.dirty_buckets import Dirty, hours_of
from tram.fleet.store.history.rollups import CURRENT_ROWS, DAY_MS, VIETNAM_MS
from tram.runtime.errors import Fault, Refused
from tram.runtime.logging import get_logger
from tram.runtime.messages import Param
from tram.runtime.whole_files import write_whole

__all__ = ("RETAINED_FILE", "Deleted", "Retention", "RetentionRule", "parse_rules")

RETAINED_FILE = "retained.json"
"""Until when raw readings of each metric may be gone; a backup takes it along."""
DAYS_MIN = 2
"""Shorter would race with late data."""
_OLD_SQL = """
    observed_at_ms < {end_ms:Int64} AND bitAnd(quality, 2) = 0
    AND series IN (SELECT series FROM tram.series WHERE metric IN {metrics:Array(String)})
"""
_OLDEST_SQL = (
    f"SELECT count() AS found, min(observed_at_ms) AS oldest FROM tram.readings WHERE {_OLD_SQL}"  # noqa: S608  # constants; values are bound
)
_DIFFERENT_SQL = f"""
    SELECT bitOr(bitShiftLeft(toInt64(a.series), 32), intDiv(a.bucket_ms, 3600000)) AS pair
    FROM (
        SELECT series, intDiv(observed_at_ms, 3600000) * 3600000 AS bucket_ms, org_id,
            count() AS readings, countIf(is_good) AS good,
            sumIf(value, is_good AND kind != 3) AS total,
            minIf(value, is_good AND kind != 3) AS low, maxIf(value, is_good AND kind != 3) AS high
        FROM (
            SELECT series, observed_at_ms, org_id, kind, if(kind = 0, f, toFloat64(i)) AS value,
                status = 0 AND bitAnd(quality, 16) = 0 AS is_good
            FROM tram.readings WHERE {_OLD_SQL} AND {CURRENT_ROWS}
        )
        GROUP BY series, bucket_ms, org_id
    ) AS a
    LEFT JOIN (
        SELECT series, bucket_ms, org_id, readings, good, total, low, high
        FROM tram.rollup_hour FINAL
        WHERE bucket_ms < {{end_ms:Int64}} AND metric IN {{metrics:Array(String)}}
    ) AS b ON a.series = b.series AND a.bucket_ms = b.bucket_ms AND a.org_id = b.org_id
    WHERE a.readings != b.readings OR a.good != b.good OR a.low != b.low OR a.high != b.high
        OR abs(a.total - b.total) > 1e-9 * (abs(a.total) + 1)
"""  # noqa: S608  # likewise
_DELETE_SQL = f"""
    ALTER TABLE tram.readings DELETE WHERE {_OLD_SQL} AND bitOr(bitShiftLeft(toInt64(series), 32),
        intDiv(observed_at_ms, 3600000)) NOT IN {{late:Array(Int64)}}
    SETTINGS mutations_sync = 1
"""  # likewise
_LATE_SQL = f"""
    SELECT count() AS found FROM tram.readings WHERE {_OLD_SQL} AND bitOr(
        bitShiftLeft(toInt64(series), 32), intDiv(observed_at_ms, 3600000)) IN {{late:Array(Int64)}}
"""  # noqa: S608  # likewise
LATE_HOURS_MAX = 10_000
"""Hours with readings that came after the others had gone; with more of them nothing goes."""

log = get_logger()


class RetentionRule(NamedTuple):
    """A class of metrics and how many days their raw readings stay; 0 is for ever."""

    pattern: str
    days: int


class Deleted(NamedTuple):
    """How many raw rows went, and how many hours stood in the way because they differed."""

    rows: int = 0
    different: int = 0


def parse_rules(text: str) -> tuple[RetentionRule, ...]:
    """Read ``pattern=days`` pairs, separated by commas.

    >>> parse_rules("battery*=90, *=0")
    (RetentionRule(pattern='battery*', days=90), RetentionRule(pattern='*', days=0))

    Raises:
        Refused: ``settings.wrong`` for anything else, or fewer than two days.
    """
    rules = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        pattern, _, days = part.rpartition("=")
        if not pattern or not days.strip().isdigit() or 0 < int(days) < DAYS_MIN:
            given: dict[str, Param] = {"rule": part, "least": DAYS_MIN}
            fault = Fault("store.retention", "retention.unreadable", given)
            raise Refused(
                "settings.wrong", fault.sentence, "Write for example battery*=90.", (fault,)
            )
        rules.append(RetentionRule(pattern.strip(), int(days)))
    return tuple(rules)


class Retention:
    """Removes raw readings that are old enough and proven; blocks the thread."""

    def __init__(
        self, engine: Engine, folder: Path, dirty: Dirty, rules: tuple[RetentionRule, ...]
    ) -> None:
        self._engine = engine
        self._file = folder / RETAINED_FILE
        self._dirty = dirty
        self._rules = rules
        self._gone_ms: dict[str, int] = {}
        """Until when the raw readings of a metric may be gone."""
        if self._file.exists():
            self._gone_ms = msgspec.json.decode(self._file.read_bytes(), type=dict[str, int])

    @property
    def is_on(self) -> bool:
        """Return whether anything ever goes."""
        return any(rule.days for rule in self._rules)

    def days_of(self, metric: str) -> int:
        """Return how many days raw readings of a metric stay, 0 for ever."""
        fitting = (rule.days for rule in self._rules if fnmatchcase(metric, rule.pattern))
        return next(fitting, 0)

    @property
    def has_gone(self) -> bool:
        """Return whether any raw readings may be gone."""
        return bool(self._gone_ms)

    def floors(self, metrics: Sequence[str]) -> Ints:
        """Return for each metric the time before which its rollups are final."""
        return np.array([self._gone_ms.get(metric, 0) for metric in metrics], np.int64)

    def run(self, metrics: Sequence[str], now_ms: int) -> Deleted:
        """Prove and remove what has passed its time, of the metrics that there are."""
        deleted = Deleted()
        for days in sorted({rule.days for rule in self._rules if rule.days}):
            fitting: dict[int, list[str]] = {}
            for metric in metrics:
                if self.days_of(metric) == days:
                    fitting.setdefault(self._gone_ms.get(metric, 0), []).append(metric)
            for gone_ms, chosen in fitting.items():
                done = self._remove(chosen, gone_ms, _cutoff(now_ms, days))
                deleted = Deleted(deleted.rows + done.rows, deleted.different + done.different)
        return deleted

    def _remove(self, metrics: list[str], gone_ms: int, end_ms: int) -> Deleted:
        names = ", ".join("'" + m.replace("\\", "\\\\").replace("'", "\\'") + "'" for m in metrics)
        params = {"end_ms": str(end_ms), "metrics": f"[{names}]"}
        old = self._engine.query(_OLDEST_SQL, params).to_pylist()[0]
        if not old["found"]:
            return Deleted()
        params["start_ms"] = str(old["oldest"])
        different = [p["pair"].to_numpy() for p in self._engine.scan(_DIFFERENT_SQL, params)]
        pairs = np.unique(np.concatenate(different)) if different else np.empty(0, np.int64)
        is_late = hours_of(pairs) * HOUR_MS < gone_ms  # the others of its hour are gone: it stays
        late, pairs = pairs[is_late], pairs[~is_late]
        if len(pairs) or len(late) > LATE_HOURS_MAX:
            self._dirty.put(pairs)
            log.warning("raw readings stay: their rollups differ", hours=len(pairs) + len(late))
            return Deleted(0, len(pairs) + len(late))
        params["late"] = str(late.tolist())
        old["found"] -= self._count(late, params)
        if not old["found"]:
            return Deleted()
        self._note_gone(metrics, end_ms)
        self._engine.work(_DELETE_SQL, params)
        log.info("raw readings removed", rows=old["found"], before_ms=end_ms)
        return Deleted(old["found"], 0)

    def _count(self, late: Ints, params: dict[str, str]) -> int:
        """Return how many of the old readings lie in the late hours."""
        if not len(late):
            return 0
        return int(self._engine.query(_LATE_SQL, params)["found"][0].as_py())

    def _note_gone(self, metrics: list[str], end_ms: int) -> None:
        """Write first that readings may be gone: a late row then never replaces a rollup."""
        self._gone_ms |= dict.fromkeys(metrics, end_ms)
        write_whole(self._file, msgspec.json.encode(self._gone_ms))


def _cutoff(now_ms: int, days: int) -> int:
    """Return the start of the Vietnamese day before which raw readings go."""
    return (now_ms + VIETNAM_MS) // DAY_MS * DAY_MS - VIETNAM_MS - days * DAY_MS
