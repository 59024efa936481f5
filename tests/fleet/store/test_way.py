"""From blocks to answers: what was sent is what is read, once."""

import asyncio

from tests.fleet.store.conftest import NORTH, NOW_MS, PROVINCE, World, timed, untimed, viewer
from tram.domain.reading import Kind, Quality
from tram.fleet.block.block import EventKind
from tram.fleet.store.queries.events import REFUSING_DEVICES_MAX
from tram.fleet.store.queries.questions import (
    DeviceStates,
    LatestValues,
    QuarantinedRows,
    RecentEvents,
    RecentMessages,
    RecentRefusals,
    SeriesRange,
    StatedAttributes,
    StateTotals,
    TimeSpan,
)
from tram.fleet.store.serving.live_publisher import FRAMES_INTERVAL_S
from tram.registry.kernel.changes import DevicePut


async def test_each_kind_of_value_arrives_as_it_was_sent(world: World) -> None:
    world.blocks.message(10, timed("t", 21.5), timed("n", 7), timed("on", True), timed("s", "Đỏ"))
    world.blocks.send()
    await world.settled()

    latest = await world.client.ask(viewer(NORTH), LatestValues(10))

    assert [(v.metric, v.kind, v.value) for v in latest] == [
        ("n", Kind.INTEGER, 7),
        ("on", Kind.BOOLEAN, True),
        ("s", Kind.TEXT, "Đỏ"),
        ("t", Kind.FLOAT, 21.5),
    ]


async def test_range_is_raw_while_it_fits_and_buckets_beyond(world: World) -> None:
    for k in range(100):
        world.blocks.message(10, timed("t", float(k), NOW_MS + k))
    world.blocks.send()
    await world.settled()
    ask = world.client.ask

    raw = await ask(viewer(NORTH), SeriesRange(10, "t", TimeSpan(NOW_MS, NOW_MS + 100), 100))
    few = await ask(viewer(NORTH), SeriesRange(10, "t", TimeSpan(NOW_MS, NOW_MS + 100), 10))

    assert raw.raw
    assert raw.values == [float(k) for k in range(100)]
    assert not few.raw
    assert [(b.low, b.high, b.last, b.count) for b in few.buckets] == [
        (float(k), k + 9.0, k + 9.0, 10) for k in range(0, 100, 10)
    ]


async def test_range_of_texts_keeps_the_newest(world: World) -> None:
    for k in range(10):
        world.blocks.message(10, timed("s", f"text {k}", NOW_MS + k))
    world.blocks.send()
    await world.settled()

    series = await world.client.ask(
        viewer(NORTH), SeriesRange(10, "s", TimeSpan(NOW_MS, NOW_MS + 100), 3)
    )

    assert series.truncated
    assert series.values == ["text 7", "text 8", "text 9"]


async def test_metric_key_with_signs_is_found(world: World) -> None:
    keys = ["it's", "a\\b", "tab\there", "Độ ẩm %", '"quoted"']
    world.blocks.message(10, *(timed(key, 1.0) for key in keys))
    world.blocks.send()
    await world.settled()

    found = [
        (
            await world.client.ask(
                viewer(NORTH), SeriesRange(10, key, TimeSpan(0, NOW_MS + 1), 10)
            )
        ).values
        for key in keys
    ]

    assert found == [[1.0]] * len(keys)


async def test_events_attributes_and_messages_are_listed(world: World) -> None:
    world.blocks.event(10, EventKind.REFUSED, "payload.not_json", "line 1", at_ms=NOW_MS - 1)
    world.blocks.event(10, EventKind.ATTRIBUTE, "firmware", '{"v": 2}')
    world.blocks.message(10, timed("t", 1.0), timed("u", 2), qos=2, fingerprint=2**64 - 1)
    world.blocks.send()
    await world.settled()
    who = viewer(NORTH)

    events = await world.client.ask(who, RecentEvents(10))
    refused = await world.client.ask(who, RecentEvents(10, EventKind.REFUSED))
    messages = await world.client.ask(who, RecentMessages(10))

    assert [event.kind for event in events] == [EventKind.ATTRIBUTE, EventKind.REFUSED]
    assert [(event.code, event.detail) for event in refused] == [("payload.not_json", "line 1")]
    assert await world.client.ask(who, StatedAttributes(10)) == {"firmware": {"v": 2}}
    assert [(m.qos, m.rows, m.fingerprint) for m in messages] == [(2, 2, "f" * 16)]
    assert [(v.metric, v.value) for v in messages[0].values] == [("t", 1.0), ("u", 2)]


async def test_refusals_of_the_devices_heard_last_are_read_together(world: World) -> None:
    devices = range(100, 100 + REFUSING_DEVICES_MAX + 1)
    world.dimensions.put([DevicePut(device, NORTH, None, "energy", 1) for device in devices])
    for place, device in enumerate(devices):
        for number in range(3):
            at_ms = NOW_MS - 10 * number
            world.blocks.event(device, EventKind.REFUSED, f"code{number}", at_ms=at_ms)
        world.blocks.send(received_at_ms=NOW_MS + place)
    await world.settled()

    found = await world.client.ask(viewer(NORTH), RecentRefusals(NOW_MS - 15, limit=2))

    assert {refusal.device for refusal in found} == set(devices[1:])  # the first was heard first
    assert [refusal.code for refusal in found] == [
        code for code in ("code0", "code1") for _ in devices[1:]
    ]


async def test_of_very_many_attributes_those_stated_last_are_listed(world: World) -> None:
    for number in range(1_001):
        world.blocks.event(10, EventKind.ATTRIBUTE, f"a{number:04}", "1", at_ms=NOW_MS - number)
    world.blocks.send()
    await world.settled()

    found = await world.client.ask(viewer(NORTH), StatedAttributes(10))

    assert list(found) == [f"a{number:04}" for number in range(1_000)]


async def test_a_backlog_older_than_messages_are_kept_is_taken_whole(world: World) -> None:
    then = NOW_MS - 10 * 86_400_000
    for number in range(3):
        world.blocks.message(
            10, timed("t", float(number), then + number), idempotency_key=f"k{number}"
        )
    world.blocks.send(received_at_ms=then)
    await world.settled()
    who = viewer(NORTH)

    kept = await world.client.ask(who, SeriesRange(10, "t", TimeSpan(then, then + 10), 10))

    assert kept.values == [0.0, 1.0, 2.0]
    assert await world.client.ask(who, RecentMessages(10)) == []
    assert await world.client.ask(who, QuarantinedRows()) == []


async def test_states_follow_presence(world: World) -> None:
    world.blocks.event(10, EventKind.CONNECTED)
    world.blocks.message(20, timed("t", 1.0), org=3)
    world.blocks.send()
    await world.settled()

    states = {s.device: s for s in await world.client.ask(viewer(PROVINCE), DeviceStates())}
    summary = await world.client.ask(viewer(PROVINCE), StateTotals())

    assert {device: s.state for device, s in states.items()} == {
        10: "online",
        11: "never",
        20: "online",
    }
    assert states[20].messages == 1
    assert states[11].last_seen_ms is None
    assert (summary.total.online, summary.total.never) == (2, 1)
    assert summary.by_sector["energy"].online == 2


async def test_newest_value_is_by_the_devices_time_but_not_by_a_broken_clock(world: World) -> None:
    far = int(Quality.CLOCK_FAR_OFF)
    world.blocks.message(10, timed("t", 1.0, NOW_MS + 10), timed("t", 0.0, NOW_MS))
    world.blocks.message(10, timed("u", 5.0, NOW_MS * 2, quality=far))
    world.blocks.send()
    world.blocks.message(10, timed("u", 6.0, NOW_MS + 5_000))
    world.blocks.send(NOW_MS + 5_000)
    await world.settled()

    latest = {v.metric: v.value for v in await world.client.ask(viewer(NORTH), LatestValues(10))}

    assert latest == {"t": 1.0, "u": 6.0}


async def test_what_nothing_protects_from_repetition_is_counted_apart(world: World) -> None:
    world.blocks.message(10, untimed("t", 1.0), untimed("u", 1.0), timed("v", 1.0), qos=0)
    world.blocks.message(10, untimed("t", 2.0), qos=2)
    world.blocks.message(10, untimed("t", 3.0), qos=0, idempotency_key="a")
    world.blocks.send()
    await world.settled()

    status = await world.client.status()

    assert (status.rows, status.messages, status.at_least_once) == (5, 3, 2)


async def test_empty_blocks_move_the_checkpoint(world: World) -> None:
    world.blocks.send()
    await world.settled()

    assert (await world.client.status()).checkpoint_seq == 1


async def test_live_frames_tell_what_changed_while_somebody_looks(world: World) -> None:
    await world.settled()
    world.live.watched = False
    world.blocks.message(10, timed("t", 0.5, NOW_MS - 1))
    world.blocks.send()
    await world.settled()
    await asyncio.sleep(3 * FRAMES_INTERVAL_S)
    assert not any(frame.changes for frame in world.live.frames)
    world.live.watched = True
    await asyncio.sleep(3 * FRAMES_INTERVAL_S)
    world.blocks.message(10, timed("t", 1.0), timed("t", 2.0, NOW_MS + 1))
    world.blocks.send()
    await world.settled()
    async with asyncio.timeout(5):
        while not any(frame.changes for frame in world.live.frames):
            await asyncio.sleep(0.01)

    changes = [change for frame in world.live.frames for change in frame.changes]

    assert [(c.device, c.org, c.zone, c.sector, c.metric, c.value) for c in changes] == [
        (10, NORTH, 7, "energy", "t", 2.0)
    ]
