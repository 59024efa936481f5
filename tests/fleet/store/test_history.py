"""Rollups, ledger and corrections against what a plain loop over the sent readings says."""

import asyncio
from collections import defaultdict

import numpy as np
import pytest
from msgspec.structs import replace

from tests.fleet.store.conftest import (
    NORTH,
    NOW_MS,
    PROVINCE,
    SOUTH,
    OpenWorld,
    World,
    timed,
    untimed,
    viewer,
)
from tram.domain.reading import Quality, Status
from tram.fleet.store.history.retention import RetentionRule, parse_rules
from tram.fleet.store.queries.questions import (
    Aggregates,
    Completeness,
    Correction,
    CorrectionJournal,
    GapEntries,
    LatestColumns,
    LatestValues,
    ReadingRows,
    Selection,
    SeriesRange,
    TimeSpan,
)
from tram.fleet.store.queries.ranges import lttb
from tram.fleet.store.views import EntryKind
from tram.registry.kernel.changes import DevicePut
from tram.registry.kernel.viewer import Scope, Viewer
from tram.runtime.errors import Refused

HOUR = 3_600_000
DAY = 24 * HOUR
START = (NOW_MS + 7 * HOUR) // DAY * DAY - 7 * HOUR - 3 * DAY
"""The beginning of a Vietnamese day, three days ago."""
WHOLE = TimeSpan(START, START + 3 * DAY)


async def rolled(world: World) -> None:
    """Return when the rollups hold what the tables hold."""
    await world.settled()
    opened = world.store._opened
    place = opened.ingest.checkpoint
    await asyncio.to_thread(opened.history.roll, place.epoch, place.seq, NOW_MS)


async def buckets(world: World, table: str) -> list[dict]:
    found = await world.client.sql(
        "SELECT metric, bucket_ms, org_id, readings, good, numbers, low, high, total, last"
        f" FROM tram.{table} FINAL ORDER BY metric, bucket_ms, org_id"
    )
    return found.to_pylist()


def by_hand(sent: list[tuple[str, int, float, int]], offset: int, width: int) -> list[dict]:
    """Work out the buckets of (metric, time, value, status) lines in the plainest way."""
    groups = defaultdict(list)
    for metric, at, value, status in sorted(sent, key=lambda line: line[1]):
        groups[metric, (at + offset) // width * width - offset].append((value, status))
    result = []
    for (metric, bucket), lines in sorted(groups.items()):
        good = [value for value, status in lines if status == Status.MEASURING]
        result.append(
            {
                "metric": metric,
                "bucket_ms": bucket,
                "org_id": NORTH,
                "readings": len(lines),
                "good": len(good),
                "numbers": len(good),
                "low": min(good, default=0.0),
                "high": max(good, default=0.0),
                "total": pytest.approx(sum(good)),
                "last": good[-1] if good else 0.0,
            }
        )
    return result


async def test_rollups_equal_a_count_by_hand_also_after_late_data(world: World) -> None:
    random = np.random.default_rng(1)
    times = np.sort(random.choice(2 * DAY, 400, replace=False)) + START
    sent = [
        (f"m{k % 2}", int(at), float(random.integers(0, 100)), int(random.random() < 0.1))
        for k, at in enumerate(times.tolist())
    ]
    late = [place for place in range(len(sent)) if place % 5 == 0]
    for place, (metric, at, value, status) in enumerate(sent):
        if place not in late:
            world.blocks.message(10, timed(metric, value, at, status=status))
    world.blocks.send()
    await rolled(world)
    for place in late:
        metric, at, value, status = sent[place]
        world.blocks.message(10, timed(metric, value, at, status=status))
    world.blocks.send()
    await rolled(world)

    assert await buckets(world, "rollup_hour") == by_hand(sent, 0, HOUR)
    assert await buckets(world, "rollup_day") == by_hand(sent, 7 * HOUR, DAY)
    assert await buckets(world, "rollup_minute") == []


async def test_busy_hours_have_minutes(world: World) -> None:
    sent = [("t", START + 10_000 * k, float(k % 7), 0) for k in range(700)]
    for metric, at, value, _ in sent:
        world.blocks.message(10, timed(metric, value, at))
    world.blocks.send()
    await rolled(world)

    assert await buckets(world, "rollup_minute") == by_hand(sent[:360], 0, 60_000) + by_hand(
        sent[360:], 0, 60_000
    )


async def test_rollups_are_found_dirty_again_after_a_restart(open_world: OpenWorld) -> None:
    async with open_world() as world:
        world.blocks.message(10, timed("t", 1.0, START), timed("t", 3.0, START + HOUR))
        world.blocks.send()
        await world.settled()
    async with open_world(world.log) as again:
        await rolled(again)

        assert [line["last"] for line in await buckets(again, "rollup_hour")] == [1.0, 3.0]


async def test_newer_values_and_owners_count_in_rollups(world: World) -> None:
    world.blocks.message(10, timed("t", 1.0, START), untimed("t", 5.0, START + 1))
    world.blocks.message(10, timed("t", 2.0, START), org=NORTH)
    world.blocks.message(10, timed("t", 9.0, START + 2), org=SOUTH)
    world.blocks.message(10, timed("t", 7.0, 1000, quality=int(Quality.CLOCK_FAR_OFF)))
    world.blocks.send()
    await rolled(world)

    found = await buckets(world, "rollup_hour")

    assert [(b["org_id"], b["readings"], b["total"]) for b in found] == [
        (NORTH, 2, 7.0),
        (SOUTH, 1, 9.0),
    ]


async def test_aggregates_join_rollups_and_the_open_hour(world: World) -> None:
    for k in range(6):
        world.blocks.message(10, timed("t", float(k), NOW_MS - k * HOUR))
        world.blocks.message(20, timed("t", 10.0 + k, NOW_MS - k * HOUR), org=SOUTH)
        world.blocks.message(11, timed("u", 99.0, NOW_MS - k * HOUR))
        world.blocks.message(10, timed("v", 7.0, NOW_MS - k * HOUR), org=SOUTH)
        world.blocks.message(11, timed("w", 1.0, NOW_MS - k * HOUR))
        world.blocks.message(11, timed("w", 3.0, NOW_MS - k * HOUR + 1), org=SOUTH)
    world.blocks.send()
    await rolled(world)
    span = TimeSpan(NOW_MS - 10 * HOUR, NOW_MS + 1)
    ask = world.client.ask

    north = await ask(viewer(NORTH), Aggregates(Selection(metric="t"), span, step="hour"))
    both = await ask(
        viewer(PROVINCE), Aggregates(Selection(metric="t"), span, step="day", by="device")
    )
    sectors = await ask(
        viewer(PROVINCE), Aggregates(Selection(metric="t"), span, step="day", by="sector")
    )
    nobody = await ask(
        viewer(NORTH, zone=99), Aggregates(Selection(metric="t"), span, step="hour")
    )
    mine = await ask(
        viewer(NORTH), Aggregates(Selection(device=10), span, step="day", by="metric")
    )
    shared = await ask(
        viewer(PROVINCE), Aggregates(Selection(metric="w", device=11), span, step="hour")
    )

    assert [point.mean for point in north] == [5.0, 4.0, 3.0, 2.0, 1.0, 0.0]
    assert sum(point.readings for point in both if point.group == "20") == 6
    assert {point.group for point in both} == {"10", "20"}
    assert {point.group for point in sectors} == {"energy"}
    assert nobody == []
    assert [(p.mean, p.readings) for p in shared[:-1]] == [(2.0, 2)] * 5  # of two owners
    assert {point.group for point in mine} == {"t"}  # the other one was another owner's


async def test_gap_is_noted_filled_late_and_split(world: World) -> None:
    def send(*minutes: int) -> None:
        for minute in minutes:
            world.blocks.message(10, timed("t", 1.0, START + 60_000 * minute))
        world.blocks.send()

    send(0, 1, 2, 3, 4, 5)
    await world.settled()
    send(35, 36)
    await world.settled()
    ask = world.client.ask

    before = await ask(
        viewer(NORTH), GapEntries(Selection(device=10), WHOLE, kind=int(EntryKind.GAP))
    )
    send(15, 16, 25)
    await world.settled()
    after = await ask(viewer(NORTH), GapEntries(Selection(device=10), WHOLE))
    others = await ask(viewer(SOUTH), GapEntries(Selection(), WHOLE))

    def minutes(entries: list) -> list:
        return sorted(
            ((e.start_ms - START) // 60_000, (e.end_ms - START) // 60_000, e.kind)
            for e in entries
            if e.end_ms < NOW_MS
        )

    assert minutes(before) == [(5, 35, EntryKind.GAP)]
    assert minutes(after) == [
        (5, 15, EntryKind.GAP),
        (15, 25, EntryKind.LATE_FILL),
        (16, 25, EntryKind.GAP),
        (25, 35, EntryKind.GAP),
    ]
    assert after[0].end_ms >= NOW_MS  # silent until now
    assert others == []


async def test_clock_that_stands_still_is_noted(world: World) -> None:
    for k in range(8):
        world.blocks.message(10, timed("t", float(k), START))
        world.blocks.send()
        await world.settled()

    found = await world.client.ask(
        viewer(NORTH), GapEntries(Selection(), WHOLE, kind=int(EntryKind.STUCK_CLOCK))
    )

    assert [(entry.start_ms, entry.readings >= 5) for entry in found] == [(START, True)]


async def test_completeness_counts_what_was_expected(world: World) -> None:
    silent = range(300, 360)
    for minute in range(24 * 60):
        if minute not in silent:
            world.blocks.message(10, timed("t", 1.0, START + 60_000 * minute))
        world.blocks.message(20, timed("t", 1.0, START + 60_000 * minute), org=SOUTH)
    world.blocks.send()
    await rolled(world)
    ask = world.client.ask
    day = TimeSpan(START, START + DAY)

    north = await ask(viewer(NORTH), Completeness(Selection(), day, by="device"))
    hours = await ask(viewer(NORTH), Completeness(Selection(device=10), day, step="hour"))
    month = await ask(viewer(PROVINCE), Completeness(Selection(), day, step="month", by="metric"))
    days = await ask(
        viewer(NORTH), Completeness(Selection(), TimeSpan(START, START + 3 * DAY), step="day")
    )

    assert [(p.group, p.expected, p.came) for p in north] == [("10", 1440, 1380)]
    assert [p.came for p in hours if p.expected != p.came] == [0]
    assert [(p.group, p.expected, p.came) for p in month] == [("t", 2880, 2820)]
    assert [(p.expected, p.came) for p in days] == [(1440, 1380), (1440, 0), (1440, 0)]


async def test_declared_interval_goes_before_what_is_learned(world: World) -> None:
    world.dimensions.put([DevicePut(10, NORTH, 7, "energy", 1, 60)])
    for k in range(12):
        world.blocks.message(10, timed("t", 1.0, START + 120_000 * k))
    world.blocks.send()
    await rolled(world)
    await rolled(world)

    found = await world.client.sql("SELECT interval_ms FROM tram.expected FINAL")

    assert found["interval_ms"].to_pylist() == [60_000]


def writer(org: int = NORTH) -> Viewer:
    return Viewer(
        7, org, "Lan", (Scope(org, None, None, frozenset({"device.read", "device.write"})),)
    )


async def test_correction_is_a_revision_that_can_be_undone(world: World) -> None:
    for k in range(4):
        world.blocks.message(10, timed("t", float(k), START + k), untimed("u", k, START + k))
    world.blocks.message(10, timed("t", 50.0, START + HOUR))
    world.blocks.send()
    await rolled(world)
    ask, who = world.client.ask, writer()
    span = TimeSpan(START, START + 3)

    done = await ask(
        who,
        Correction(
            device=10,
            metric="t",
            operation="scale",
            factor=2.0,
            offset=1.0,
            reason="drift",
            span=span,
        ),
    )
    await rolled(world)
    scaled = await ask(who, SeriesRange(10, "t", TimeSpan(START, START + DAY), 50))
    hour = (await buckets(world, "rollup_hour"))[0]
    undone = await ask(
        who,
        Correction(
            device=10, metric="t", operation="revert", reverts=done.revision_id, reason="wrong"
        ),
    )
    await rolled(world)
    restored = await ask(who, SeriesRange(10, "t", TimeSpan(START, START + DAY), 50))
    journal = await ask(who, CorrectionJournal(10, TimeSpan(START, START + DAY)))

    assert scaled.values == [1.0, 3.0, 5.0, 3.0, 50.0]
    assert [bool(q & Quality.CORRECTED) for q in scaled.qualities] == [True] * 3 + [False] * 2
    assert (hour["readings"], hour["total"]) == (4, 12.0)
    assert restored.values == [0.0, 1.0, 2.0, 3.0, 50.0]
    assert (await buckets(world, "rollup_hour"))[0]["total"] == 6.0
    assert [(r.person_name, r.reason, r.operation, r.rows) for r in journal] == [
        ("Lan", "wrong", "revert", 3),
        ("Lan", "drift", "scale", 3),
    ]
    assert undone.reverts == done.revision_id
    assert len(await world.rows()) == 9 + 6


async def test_invalid_calibration_takes_readings_out_of_figures(world: World) -> None:
    for k in range(4):
        world.blocks.message(10, timed("t", float(k), START + k), untimed("u", k, START + k))
    world.blocks.send()
    await world.settled()

    await world.client.ask(
        writer(),
        Correction(
            device=10,
            metric="u",
            operation="invalidate",
            reason="no calibration",
            span=TimeSpan(START, START + 2),
        ),
    )
    await rolled(world)
    found = await world.client.ask(
        writer(), SeriesRange(10, "u", TimeSpan(START, START + DAY), 50)
    )
    hours = await buckets(world, "rollup_hour")

    assert found.values == [0, 1, 2, 3]
    assert [bool(q & Quality.INVALID) for q in found.qualities] == [True, True, False, False]
    assert [(h["readings"], h["good"], h["total"]) for h in hours] == [(4, 4, 6.0), (4, 2, 5.0)]


async def test_newest_value_follows_its_correction_also_after_a_restart(
    open_world: OpenWorld,
) -> None:
    async with open_world() as world:
        world.blocks.message(10, timed("t", 5.0, START))
        world.blocks.send()
        await world.settled()
        change = Correction(
            device=10, metric="t", operation="scale", factor=0.0, offset=4.0, reason="typo"
        )
        await world.client.ask(writer(), replace(change, span=TimeSpan(START, START + 1)))

        assert [v.value for v in await world.client.ask(viewer(NORTH), LatestValues(10))] == [4.0]
    async with open_world(world.log) as again:
        assert [v.value for v in await again.client.ask(viewer(NORTH), LatestValues(10))] == [4.0]


async def test_value_that_comes_after_a_correction_does_not_replace_it(
    open_world: OpenWorld,
) -> None:
    at_ms, who, day = START + 5, writer(), (START, START + DAY)
    async with open_world() as world:
        ask = world.client.ask
        world.blocks.message(10, timed("t", 5.0, at_ms))
        world.blocks.send()
        await world.settled()
        change = Correction(device=10, metric="t", operation="scale", factor=2.0, reason="drift")
        done = await ask(who, replace(change, span=TimeSpan(START, START + 9)))
        world.blocks.message(10, timed("t", 6.0, at_ms))
        world.blocks.send()
        await rolled(world)
        newest = await ask(who, LatestValues(10))
        shown = await ask(who, SeriesRange(10, "t", TimeSpan(*day), 50))
        hour = (await buckets(world, "rollup_hour"))[0]
    async with open_world(world.log) as again:
        ask = again.client.ask
        after = await ask(who, LatestValues(10))
        back = Correction(
            device=10, metric="t", operation="revert", reverts=done.revision_id, reason="wrong"
        )
        await ask(who, back)
        restored = await ask(who, SeriesRange(10, "t", TimeSpan(*day), 50))

    assert [v.value for v in newest + after] == [10.0, 10.0]
    assert (shown.values, hour["total"], hour["readings"]) == ([10.0], 10.0, 1)
    assert restored.values == [6.0]  # what the device said last, as no correction stands


@pytest.mark.parametrize(
    ("who", "change"),
    [
        (
            viewer(NORTH),
            Correction(device=10, metric="t", operation="invalidate", reason="no right"),
        ),
        (
            writer(SOUTH),
            Correction(device=10, metric="t", operation="invalidate", reason="not mine"),
        ),
        (writer(), Correction(device=10, metric="t", operation="invalidate", reason="")),
        (writer(), Correction(device=10, metric="t", operation="erase", reason="never")),
        (writer(), Correction(device=10, metric="x", operation="invalidate", reason="no metric")),
        (
            writer(),
            Correction(device=10, metric="t", operation="revert", reverts=9, reason="none"),
        ),
    ],
)
async def test_correction_without_right_or_reason_is_refused(
    world: World, who: Viewer, change: Correction
) -> None:
    world.blocks.message(10, timed("t", 5.0, START))
    world.blocks.send()
    await world.settled()

    with pytest.raises(Refused, match=":"):
        await world.client.ask(who, replace(change, span=TimeSpan(START, START + 1)))

    assert len(await world.rows()) == 1


async def test_long_spans_are_thinned_from_rollups_and_show_every_peak(world: World) -> None:
    for minute in range(3 * 24 * 60):
        world.blocks.message(
            10, timed("t", 100.0 if minute == 777 else 1.0, START + 60_000 * minute)
        )
    world.blocks.send()
    await rolled(world)
    ask = world.client.ask

    thin = await ask(viewer(NORTH), SeriesRange(10, "t", TimeSpan(START, START + 3 * DAY), 24))
    shape = await ask(
        viewer(NORTH), SeriesRange(10, "t", TimeSpan(START, START + 3 * DAY), 50, thin="lttb")
    )

    assert len(thin.buckets) == 24
    assert [b.high for b in thin.buckets].count(100.0) == 1
    assert sum(b.count for b in thin.buckets) == 3 * 24 * 60
    assert len(shape.values) == 50
    assert 100.0 in shape.values
    assert shape.thinned


def test_lttb_keeps_ends_and_order() -> None:
    times = np.arange(1000, dtype=float)
    values = np.sin(times / 30)
    kept = lttb(times, values, 40)

    assert len(kept) == 40
    assert (kept[0], kept[-1]) == (0, 999)
    assert (np.diff(kept) > 0).all()
    assert values[kept].max() > 0.99


async def test_rows_of_an_export_are_in_scope_and_in_order(world: World) -> None:
    for k in range(50):
        world.blocks.message(
            10, timed("t", float(k), START + 50 - k), timed("s", f"x{k}", START + k)
        )
        world.blocks.message(20, timed("t", 1.0, START + k), org=SOUTH)
    world.blocks.message(10, timed("t", -1.0, START + 50))
    world.blocks.send()
    await world.settled()

    def rows(who: Viewer, question: ReadingRows) -> list[dict]:
        batches = list(world.client.stream(who, question))
        return [line for batch in batches for line in batch.to_pylist()]

    north = await asyncio.to_thread(rows, viewer(NORTH), ReadingRows(Selection(), WHOLE))
    some = await asyncio.to_thread(
        rows, viewer(PROVINCE), ReadingRows(Selection(devices=[20]), WHOLE, ["t"])
    )
    none = await asyncio.to_thread(rows, viewer(SOUTH, zone=99), ReadingRows(Selection(), WHOLE))

    assert {line["device"] for line in north} == {10}
    assert len(north) == 100
    numbers = [line["number"] for line in north if line["metric"] == "t"]
    assert numbers == [*(float(k) for k in range(49, 0, -1)), -1.0]
    assert {line["text"] for line in north if line["metric"] == "s"} == {
        f"x{k}" for k in range(50)
    }
    assert len(some) == 50
    assert none == []
    with pytest.raises(Refused, match="rows"):
        await asyncio.to_thread(rows, viewer(NORTH), ReadingRows(Selection(), WHOLE, limit=99))


async def test_newest_of_everything_comes_as_columns(world: World) -> None:
    world.blocks.message(10, timed("t", 1.0), timed("s", "Đỏ"))
    world.blocks.message(20, timed("t", 2.0), org=SOUTH)
    world.blocks.send()
    await world.settled()

    north = await world.client.ask(viewer(NORTH), LatestColumns())
    both = await world.client.ask(viewer(PROVINCE), LatestColumns())
    some = await world.client.ask(viewer(PROVINCE), LatestColumns(["s", "unknown"]))

    assert sorted(zip(north["metric"].to_pylist(), north["s"].to_pylist(), strict=True)) == [
        ("s", "Đỏ"),
        ("t", None),
    ]
    assert sorted(both["device"].to_pylist()) == [10, 10, 20]
    assert some["s"].to_pylist() == ["Đỏ"]


async def test_raw_readings_go_only_after_their_rollups_are_proven(open_world: OpenWorld) -> None:
    async with open_world(retention="t=2, *=0") as world:
        for k in range(4):
            world.blocks.message(10, timed("t", float(k), START - 20 * DAY + k * HOUR))
            world.blocks.message(10, timed("u", float(k), START - 20 * DAY + k * HOUR))
            world.blocks.message(10, timed("t", 50.0 + k, NOW_MS - k))
        world.blocks.send()
        await world.settled()
        history = world.store._opened.history
        retention, metrics = history._parts.retention, ["t", "u"]
        await rolled(world)
        await asyncio.to_thread(retention._engine.command, "TRUNCATE TABLE tram.rollup_hour")
        unproven = await asyncio.to_thread(retention.run, metrics, NOW_MS)
        kept = len(await world.rows())
        await rolled(world)
        proven = await asyncio.to_thread(retention.run, metrics, NOW_MS)
        world.blocks.message(10, timed("t", 9.0, START - 20 * DAY + 1))  # too late to count
        world.blocks.send()
        await rolled(world)
        hours = await buckets(world, "rollup_hour")
        world.blocks.message(10, timed("t", 7.0, START + DAY + HOUR))
        world.blocks.send()
        await rolled(world)
        again = await asyncio.to_thread(retention.run, metrics, NOW_MS + DAY)
        left = {row["observed_at_ms"] for row in await world.rows() if row["f"] in {7.0, 9.0}}

        assert (again.rows, again.different) == (1, 0)  # what came too late stays and bars nothing
        assert left == {START - 20 * DAY + 1}
        assert (unproven.rows, unproven.different, kept) == (0, 4, 12)
        assert (proven.rows, proven.different) == (4, 0)
        assert len(await world.rows()) == 9
        assert [h["total"] for h in hours if h["metric"] == "t"] == [0.0, 1.0, 2.0, 3.0]


def test_retention_rules_are_checked() -> None:
    assert parse_rules("a=0,b*=30") == (RetentionRule("a", 0), RetentionRule("b*", 30))
    for text in ("x", "x=1", "x=-3", "=5"):
        with pytest.raises(Refused, match="pattern"):
            parse_rules(text)
