"""What people correct: new revisions of readings, with who, why and when; never an overwrite.

The journal is written first, then the rows in one insert; after a crash in between the last entry
is carried out again. A revised row keeps the identity of its reading; its receipt is the moment of
the correction, which ties it to its entry in the journal.
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tram.domain.reading import PERSON_REVISIONS, Kind, Quality
from tram.domain.text import normal_lines, unfit_sign
from tram.fleet.store.columns import Ints
from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.engine.tables import READINGS, REVISIONS
from tram.fleet.store.queries.handlers import QueryContext, answers
from tram.fleet.store.queries.questions import Asker, Correction, CorrectionJournal, TimeSpan
from tram.fleet.store.queries.scoping import READABLE_ORGS, device_scope
from tram.fleet.store.views import Revision
from tram.runtime.errors import Refused

__all__ = ("OPERATIONS", "Corrected", "Corrections", "correct", "journal")

OPERATIONS = ("scale", "invalidate", "revert")
ROWS_MAX = 500_000
"""Readings that one correction may touch; one insert, so that all of it is there or nothing."""
REASON_CHARACTERS = (3, 500)
_NO_LOANS_MS = 1 << 62
"""As of then no loan lives: what is lent may be read, not corrected."""

_NEWEST_OF_EACH = """
    ORDER BY observed_at_ms, revision DESC
    LIMIT 1 BY observed_at_ms,
        if(bitAnd(quality, 1) = 1, (log_seq, row_no), (toInt64(0), toUInt32(0)))
"""
_ROWS_SQL = f"""
    SELECT * FROM tram.readings
    WHERE series = {{series:UInt32}} AND observed_at_ms >= {{start_ms:Int64}}
        AND observed_at_ms < {{end_ms:Int64}} AND received_at_ms < {{at_ms:Int64}}
        AND org_id IN ({READABLE_ORGS})
    {_NEWEST_OF_EACH} LIMIT {{many:UInt32}}
"""  # noqa: S608  # constants; values are bound
_BEFORE_SQL = f"""
    SELECT * FROM (
        SELECT * FROM tram.readings
        WHERE series = {{series:UInt32}} AND observed_at_ms >= {{start_ms:Int64}}
            AND observed_at_ms < {{end_ms:Int64}}
            AND (received_at_ms < {{reverted_ms:Int64}} OR revision < {PERSON_REVISIONS})
            AND org_id IN ({READABLE_ORGS})
        {_NEWEST_OF_EACH}
    )
    WHERE observed_at_ms IN (
        SELECT observed_at_ms FROM tram.readings
        WHERE series = {{series:UInt32}} AND received_at_ms = {{reverted_ms:Int64}}
            AND revision > 0
    )
"""  # noqa: S608  # likewise
_JOURNAL_SQL = f"""
    SELECT * EXCEPT (series, org_id) FROM tram.revisions
    WHERE device = {{device:Int64}} AND ({{all:UInt8}} = 1 OR metric = {{metric:String}})
        AND start_ms < {{end_ms:Int64}} AND end_ms > {{start_ms:Int64}}
        AND org_id IN ({READABLE_ORGS})
    ORDER BY revision_id DESC LIMIT 1000
"""  # noqa: S608  # likewise
_UNFINISHED_SQL = """
    SELECT * FROM tram.revisions ORDER BY revision_id DESC LIMIT 1
"""


class Corrected(NamedTuple):
    """An entry of the journal and the rows that it made, in the table's columns."""

    revision: Revision
    series: int
    rows: pa.Table


class Corrections:
    """Writes revisions; the caller keeps ingest away meanwhile."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def finish(self) -> Corrected | None:
        """After a start: carry out the last entry if its rows are not there."""
        lines = self._engine.query(_UNFINISHED_SQL).to_pylist()
        if not lines:
            return None
        line = lines[0]
        there = self._engine.query(
            "SELECT count() AS found FROM tram.readings WHERE series = {series:UInt32}"
            " AND received_at_ms = {at_ms:Int64} AND revision > 0",
            {"series": str(line["series"]), "at_ms": str(line["at_ms"])},
        )
        if there["found"][0].as_py():
            return None
        revision = Revision(**{key: line[key] for key in Revision.__struct_fields__})
        everybody = _owned(line["org_id"], revision)
        rows = self._new_rows(line["series"], revision, everybody)
        self._engine.insert(READINGS.full_name, rows)
        return Corrected(revision, line["series"], rows)

    def revise(self, series: int, wanted: Correction, asker: Asker, now_ms: int) -> Corrected:
        """Correct, invalidate or restore the readings of a series in a span.

        Raises:
            Refused: ``revision.invalid`` if there is nothing to correct, or too much, or no reason.
        """
        number, at_ms = self._next(now_ms)
        span = self._undone(wanted, asker) if wanted.operation == "revert" else wanted.span
        revision = _revision(msgspec.structs.replace(wanted, span=span), asker, number, at_ms)
        scope = device_scope(asker.scopes, wanted.device, wanted.metric, _NO_LOANS_MS)
        rows = self._new_rows(series, revision, scope)
        if not rows.num_rows:
            raise _invalid("start_ms", "There is no reading to correct in this span.")
        revision = msgspec.structs.replace(revision, rows=rows.num_rows)
        self._engine.insert(REVISIONS.full_name, _journal_line(revision, series, rows))
        self._engine.insert(READINGS.full_name, rows)
        return Corrected(revision, series, rows)

    def _next(self, now_ms: int) -> tuple[int, int]:
        found = self._engine.query(
            "SELECT max(revision_id) AS number, max(at_ms) AS at_ms FROM tram.revisions"
        ).to_pylist()[0]
        return found["number"] + 1, max(now_ms, found["at_ms"] + 1)

    def _undone(self, wanted: Correction, asker: Asker) -> TimeSpan:
        """Return the span of the correction that is reverted."""
        all_of_it = CorrectionJournal(wanted.device, TimeSpan(0, 0), wanted.metric)
        for revision in _journal(self._engine, all_of_it, asker, _NO_LOANS_MS):
            if revision.revision_id == wanted.reverts:
                return TimeSpan(revision.start_ms, revision.end_ms)
        raise _invalid("reverts", "There is no such correction of this metric.")

    def _new_rows(self, series: int, revision: Revision, scope: dict[str, str]) -> pa.Table:
        params = scope | {
            "series": str(series),
            "start_ms": str(revision.start_ms),
            "end_ms": str(revision.end_ms),
            "at_ms": str(revision.at_ms),
            "many": str(ROWS_MAX + 1),
        }
        rows = self._engine.query(_ROWS_SQL, params)
        if rows.num_rows > ROWS_MAX:
            raise _invalid("end_ms", f"At most {ROWS_MAX} readings are corrected at once.")
        if revision.operation == "revert":
            return self._restored(rows, revision, params)
        rows = rows.cast(READINGS.schema)
        if revision.operation == "scale":
            rows = rows.filter(pc.not_equal(rows["kind"], int(Kind.TEXT)))
            return _stamped(_scaled(rows, revision), revision, Quality.CORRECTED)
        return _stamped(rows, revision, Quality.INVALID)

    def _restored(self, rows: pa.Table, revision: Revision, params: dict[str, str]) -> pa.Table:
        """Return the rows as they were before a correction, as revisions after the newest."""
        reverted = self._engine.query(
            "SELECT at_ms FROM tram.revisions WHERE revision_id = {reverts:Int64}",
            {"reverts": str(revision.reverts)},
        )
        params |= {"reverted_ms": str(reverted["at_ms"][0].as_py())}
        before = self._engine.query(_BEFORE_SQL, params).cast(READINGS.schema)
        newest = dict(
            zip(rows["observed_at_ms"].to_pylist(), rows["revision"].to_pylist(), strict=True)
        )
        numbers = [newest[at] for at in before["observed_at_ms"].to_pylist()]
        return _stamped(_with(before, {"revision": numbers}), revision, Quality.GOOD)


@answers(CorrectionJournal)
def journal(question: CorrectionJournal, asker: Asker, context: QueryContext) -> list[Revision]:
    """Return what was corrected of a device or of one of its metrics in a span, newest first."""
    return _journal(context.engine, question, asker, context.clock.now_ms())


@answers(Correction)
async def correct(question: Correction, asker: Asker, context: QueryContext) -> Revision:
    """Write a correction; what depends on it follows.

    Raises:
        Refused: ``revision.invalid``, as ``Corrections.revise``.
    """
    if asker.person is None:
        raise Refused("store.question", "Only a person corrects readings.")
    series = context.series_of(question.device, question.metric)
    if series is None:
        raise _invalid("metric", "The device has no such metric.")
    return await context.revise(series, question, asker)


def _journal(
    engine: Engine, question: CorrectionJournal, asker: Asker, now_ms: int
) -> list[Revision]:
    params = device_scope(asker.scopes, question.device, question.metric, now_ms) | {
        "all": str(int(not question.metric)),
        "start_ms": str(question.span.start_ms),
        "end_ms": str(question.span.end_ms or 2**62),
    }
    return [Revision(**line) for line in engine.query(_JOURNAL_SQL, params).to_pylist()]


def _revision(wanted: Correction, asker: Asker, number: int, at_ms: int) -> Revision:
    least, most = REASON_CHARACTERS
    if wanted.operation not in OPERATIONS:
        raise _invalid("operation", f"Operations are {', '.join(OPERATIONS)}.")
    reason = normal_lines(wanted.reason)
    if not least <= len(reason) <= most:
        raise _invalid("reason", f"A reason has {least} to {most} characters.")
    unfit = unfit_sign(reason, "\n")
    if unfit is not None:
        raise _invalid(
            "reason", f"Take away {unfit.name} at place {unfit.place}: it cannot be shown."
        )
    if wanted.span.end_ms <= wanted.span.start_ms:
        raise _invalid("end_ms", "The end must lie after the start.")
    if not (np.isfinite(wanted.factor) and np.isfinite(wanted.offset)):
        raise _invalid("factor", "Factor and offset are finite numbers.")
    return Revision(
        revision_id=number,
        device=wanted.device,
        metric=wanted.metric,
        start_ms=wanted.span.start_ms,
        end_ms=wanted.span.end_ms,
        operation=wanted.operation,
        factor=wanted.factor,
        offset=wanted.offset,
        reverts=wanted.reverts,
        person=asker.person or 0,
        person_name=asker.name,
        reason=reason,
        at_ms=at_ms,
        rows=0,
    )


def _scaled(rows: pa.Table, revision: Revision) -> pa.Table:
    """Return the rows with value · factor + offset, as floats."""
    kind = rows["kind"].to_numpy()
    values = np.where(kind == Kind.FLOAT, rows["f"].to_numpy(), rows["i"].to_numpy())
    scaled = values.astype(np.float64) * revision.factor + revision.offset
    zeros: Ints = np.zeros(rows.num_rows, np.int64)
    return _with(rows, {"kind": zeros, "f": scaled, "i": zeros})


def _stamped(rows: pa.Table, revision: Revision, flag: Quality) -> pa.Table:
    """Return the rows as the newest revision, marked, received at the moment of the correction.

    Its number is above all that devices give, so that no value that comes later goes before it.
    """
    revision_before = np.maximum(rows["revision"].to_numpy(), PERSON_REVISIONS - 1)
    columns = {
        "quality": rows["quality"].to_numpy() | np.uint8(flag),
        "revision": revision_before.astype(np.int64) + 1,
        "received_at_ms": np.full(rows.num_rows, revision.at_ms, np.int64),
    }
    return _with(rows, columns)


def _with(rows: pa.Table, columns: Mapping[str, object]) -> pa.Table:
    """Return the rows with other content in some columns."""
    for name, column in columns.items():
        field = rows.schema.field(name)
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, field, pa.array(column).cast(field.type))
    return rows


def _journal_line(revision: Revision, series: int, rows: pa.Table) -> pa.Table:
    values = {name: getattr(revision, name) for name in Revision.__struct_fields__}
    values |= {"series": series, "org_id": rows["org_id"][0].as_py()}
    return pa.Table.from_pylist([values], schema=REVISIONS.schema)


def _owned(org: int, revision: Revision) -> dict[str, str]:
    """Return the scope of the organisation that owned the readings of an entry."""
    return {
        "device": str(revision.device),
        "metric": "",
        "now_ms": "0",
        "scope_orgs": f"[{org}]",
        "scope_zones": "[-1]",
        "scope_sectors": "['']",
    }


def _invalid(field: str, sentence: str) -> Refused:
    return Refused("revision.invalid", f"{field}: {sentence}", "Mend the field and try again.")
