"""The same reading twice is one and another value is a revision, however the log is cut into batches."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tram.domain.reading import PERSON_REVISIONS, Kind, Quality
from tram.fleet.store.columns import Ints, ReadingColumns
from tram.fleet.store.state.duplicate_readings import decide

KNOWN = pa.schema(
    [
        ("series", pa.uint32()), ("observed_at_ms", pa.int64()), ("kind", pa.uint8()),
        ("f", pa.float64()), ("i", pa.int64()), ("s", pa.utf8()), ("status", pa.uint8()),
        ("revision", pa.uint32()),
    ]
)  # fmt: skip


class Sent(NamedTuple):
    """One reading as it lies in the log."""

    series: int
    at_ms: int
    kind: int
    value: float | int | str
    status: int
    quality: int


contents = st.one_of(
    st.tuples(st.just(int(Kind.FLOAT)), st.sampled_from([0.0, -0.0, 1.0, 2.5])),
    st.tuples(st.sampled_from([int(Kind.INTEGER), int(Kind.BOOLEAN)]), st.integers(0, 1)),
    st.tuples(st.just(int(Kind.TEXT)), st.sampled_from(["", "mở", "1"])),
)
GOOD, FAR = int(Quality.GOOD), int(Quality.CLOCK_FAR_OFF)
moments = st.sampled_from([(1, GOOD), (2, GOOD), (3, GOOD), (99, FAR), (2, 1), (3, 1)])
readings = st.tuples(st.integers(0, 2), moments, contents, st.sampled_from([0, 0, 0, 1])).map(
    lambda one: Sent(one[0], one[1][0], *one[2], one[3], one[1][1])
)
batches = st.lists(st.lists(readings, max_size=8), max_size=6)


def columns_of(batch: list[Sent]) -> ReadingColumns:
    zeros = np.zeros(len(batch), np.int64)
    is_text = [one.kind == Kind.TEXT for one in batch]
    is_float = [one.kind == Kind.FLOAT for one in batch]
    numbers = [0 if text else one.value for one, text in zip(batch, is_text, strict=True)]
    return ReadingColumns(
        seq=zeros, row_no=zeros, message=zeros, device=zeros, org_id=zeros, word=zeros,
        observed_at_ms=np.array([one.at_ms for one in batch], np.int64),
        kind=np.array([one.kind for one in batch], np.uint8),
        f=np.where(is_float, np.array(numbers, np.float64), 0.0),
        i=np.where(is_float, 0, np.array(numbers, np.float64)).astype(np.int64),
        s=pa.array([str(o.value) if t else "" for o, t in zip(batch, is_text, strict=True)], pa.utf8()),
        status=np.array([one.status for one in batch], np.uint8),
        quality=np.array([one.quality for one in batch], np.uint8),
        received_at_ms=zeros,
    )  # fmt: skip


class Table:
    """What is kept, as the store's table holds it; ``newest`` as its arrays know it."""

    def __init__(self) -> None:
        self.kept: list[tuple[Sent, int]] = []
        self.newest: dict[int, int] = {}

    def look_up(self, series: Ints, times: Ints) -> pa.Table:
        wanted = set(zip(series.tolist(), times.tolist(), strict=True))
        found = [
            (one, revision)
            for one, revision in self.kept
            if (one.series, one.at_ms) in wanted and not one.quality & Quality.SERVER_TIMED
        ]
        rows = columns_of([one for one, _ in found])
        return pa.table(
            [
                np.array([one.series for one, _ in found], np.uint32), rows.observed_at_ms,
                rows.kind, rows.f, rows.i, rows.s, rows.status,
                np.array([revision for _, revision in found], np.uint32),
            ],
            schema=KNOWN,
        )  # fmt: skip

    def take(self, batch: list[Sent]) -> int:
        """Take a batch as ingest does; return how many readings were dropped."""
        series = np.array([one.series for one in batch], np.int64)
        newest = np.array([self.newest.get(one.series, -1) for one in batch], np.int64)
        verdict = decide(columns_of(batch), series, newest, self.look_up)
        for one, stays, revision in zip(batch, verdict.stays, verdict.revision, strict=True):
            if stays:
                self.kept.append((one, int(revision)))
            if not one.quality & Quality.CLOCK_FAR_OFF:
                self.newest[one.series] = max(one.at_ms, self.newest.get(one.series, -1))
        return verdict.dropped


def plainly(sent: list[Sent], corrected: list[Sent]) -> list[tuple[Sent, int]]:
    """Keep readings one by one, as the documentation says it."""
    kept = [(one, PERSON_REVISIONS) for one in corrected]
    for one in sent:
        before = [
            (old, revision)
            for old, revision in kept
            if old[:2] == one[:2] and not old.quality & Quality.SERVER_TIMED
        ]
        said = [(old.kind, repr(old.value), old.status) for old, _ in before]
        devices = [revision for _, revision in before if revision < PERSON_REVISIONS]
        if one.quality & Quality.SERVER_TIMED:
            kept.append((one, 0))
        elif (one.kind, repr(one.value), one.status) not in said:
            kept.append((one, max(devices, default=-1) + 1))
    return kept


@given(batches)
@settings(max_examples=50)
def test_batches_keep_what_one_reading_after_the_other_keeps(sent: list[list[Sent]]) -> None:
    cut, whole = Table(), Table()
    dropped = sum(cut.take(batch) for batch in sent if batch)
    everything = [one for batch in sent for one in batch]
    if everything:
        whole.take(everything)

    assert cut.kept == whole.kept == plainly(everything, [])
    assert dropped == len(everything) - len(cut.kept)


@given(batches, st.lists(readings, max_size=3))
@settings(max_examples=25)
def test_what_people_corrected_is_no_revision_of_a_device(
    sent: list[list[Sent]], corrected: list[Sent]
) -> None:
    corrected = [one._replace(quality=int(Quality.CORRECTED)) for one in corrected]
    table = Table()
    for one in corrected:
        table.kept.append((one, PERSON_REVISIONS))
        table.newest[one.series] = 10
    for batch in sent:
        if batch:
            table.take(batch)

    assert table.kept == plainly([one for batch in sent for one in batch], corrected)
