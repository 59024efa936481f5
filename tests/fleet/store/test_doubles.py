"""The same reading again is dropped, another value is a revision; messages repeat by rule."""

import pytest

from tests.fleet.store.conftest import NORTH, NOW_MS, OpenWorld, World, timed, untimed, viewer
from tram.domain.reading import Quality, Status
from tram.fleet.store.queries.questions import SeriesRange, TimeSpan

MINUTE_MS = 60_000


async def history(world: World) -> list[tuple]:
    rows = await world.rows(order="observed_at_ms, revision, log_seq, row_no")
    return [(row["f"], row["revision"], row["quality"]) for row in rows]


FAR = Quality.CLOCK_FAR_OFF
SECOND_READINGS = [
    (timed("t", 1.0), timed("t", 1.0), [(1.0, 0, 0)]),
    (timed("t", 1.0), timed("t", 2.0), [(1.0, 0, 0), (2.0, 1, Quality.CONFLICTING)]),
    (
        timed("t", 1.0),
        timed("t", 1.0, status=Status.FAULT),
        [(1.0, 0, 0), (1.0, 1, Quality.CONFLICTING)],
    ),
    (timed("t", 1.0), timed("t", 1.0, NOW_MS + 1), [(1.0, 0, 0), (1.0, 0, 0)]),
    (timed("t", 1.0), timed("t", 0.5, NOW_MS - 1), [(0.5, 0, 0), (1.0, 0, 0)]),
    (timed("t", 1.0), timed("other", 1.0), [(1.0, 0, 0)]),
    (untimed("t", 1.0), untimed("t", 1.0), [(1.0, 0, 1), (1.0, 0, 1)]),
    (untimed("t", 1.0), timed("t", 1.0), [(1.0, 0, 0), (1.0, 0, 1)]),
    (timed("t", 1.0, quality=FAR), timed("t", 1.0, quality=FAR), [(1.0, 0, FAR)]),
]


@pytest.mark.parametrize("apart", [False, True], ids=["in one batch", "in two batches"])
async def test_second_reading(world: World, apart: bool) -> None:
    for device, (first, _, _) in enumerate(SECOND_READINGS):
        world.blocks.message(device, first)
    if apart:
        world.blocks.send()
        await world.settled()
    for device, (_, second, _) in enumerate(SECOND_READINGS):
        world.blocks.message(device, second)
    world.blocks.send()
    await world.settled()

    found = await world.client.sql(
        "SELECT device, f, revision, quality FROM tram.readings"
        " INNER JOIN tram.series USING (series) WHERE metric = 't'"
    )
    for device, (_, _, expected) in enumerate(SECOND_READINGS):
        mine = [line for line in found.to_pylist() if line["device"] == device]
        assert sorted((line["f"], line["revision"], line["quality"]) for line in mine) == sorted(
            expected
        ), device


async def test_values_of_one_time_number_their_revisions_and_drop_what_was_said(
    world: World,
) -> None:
    for value in (1.0, 2.0, 1.0, 3.0, 2.0):
        world.blocks.message(10, timed("t", value))
        world.blocks.send()
        await world.settled()

    status = await world.client.status()
    series = await world.client.ask(
        viewer(NORTH), SeriesRange(10, "t", TimeSpan(NOW_MS, NOW_MS + 1), 10)
    )

    assert [row[:2] for row in await history(world)] == [(1.0, 0), (2.0, 1), (3.0, 2)]
    assert (status.doubled_dropped, status.conflicting) == (2, 2)
    assert series.values == [3.0]  # the newest revision counts


async def test_doubles_are_found_across_months_of_receipt(world: World) -> None:
    world.blocks.message(10, timed("t", 1.0, 1_700_000_000_000))
    world.blocks.send(received_at_ms=1_700_000_000_000)
    await world.settled()
    world.blocks.message(10, timed("t", 1.0, 1_700_000_000_000))
    world.blocks.send()
    await world.settled()

    assert (await world.client.status()).doubled_dropped == 1
    assert len(await history(world)) == 1


async def test_texts_and_kinds_are_compared_by_value(world: World) -> None:
    for value in ("a", "b", "a", 1, 1.0, True, 1):
        world.blocks.message(10, timed("x", value))
    world.blocks.send()
    await world.settled()

    rows = await world.rows(order="revision")

    assert [(row["kind"], row["s"], row["i"]) for row in rows] == [
        (3, "a", 0),
        (3, "b", 0),
        (1, "", 1),
        (0, "", 0),
        (2, "", 1),
    ]


SENT_AGAIN = [
    ({"duplicate": True}, MINUTE_MS, 1),
    ({"duplicate": True}, 11 * MINUTE_MS, 2),
    ({"duplicate": False}, MINUTE_MS, 2),
    ({"duplicate": True, "packet_id": 6}, MINUTE_MS, 2),
    ({"duplicate": True, "fingerprint": 8}, MINUTE_MS, 2),
]


@pytest.mark.parametrize("apart", [False, True], ids=["in one batch", "in two batches"])
async def test_message_sent_again(world: World, apart: bool) -> None:
    same = {"packet_id": 5, "fingerprint": 7}
    for device in range(len(SENT_AGAIN)):
        world.blocks.message(device, untimed("t", 1.0), **same)
    world.blocks.send()
    if apart:
        await world.settled()
    for device, (second, after_ms, _) in enumerate(SENT_AGAIN):
        world.blocks.message(device, untimed("t", 1.0), **(same | second))
        world.blocks.send(received_at_ms=NOW_MS + after_ms)
    await world.settled()

    messages = [line["device"] for line in await world.rows("messages", "device")]
    assert [messages.count(device) for device in range(len(SENT_AGAIN))] == [
        kept for _, _, kept in SENT_AGAIN
    ]
    assert (await world.client.status()).messages_dropped == 1


async def test_repetitions_are_known_after_a_restart(open_world: OpenWorld) -> None:
    async with open_world() as world:
        world.blocks.message(10, untimed("t", 1.0), packet_id=5)
        world.blocks.message(10, untimed("u", 1.0), idempotency_key="order-1")
        world.blocks.send()
        await world.settled()
    async with open_world(world.log) as again:
        blocks = world.blocks
        blocks.message(10, untimed("t", 1.0), packet_id=5, duplicate=True)
        blocks.message(10, untimed("u", 1.0), idempotency_key="order-1")
        blocks.message(11, untimed("u", 1.0), idempotency_key="order-1")
        blocks.send()
        await again.settled()

        assert (await again.client.status()).messages_dropped == 2
        assert len(await again.rows()) == 3


async def test_idempotency_key_holds_for_a_day(world: World) -> None:
    for hours in (0, 23, 48):
        world.blocks.message(10, untimed("t", 1.0), idempotency_key="k")
        world.blocks.send(received_at_ms=NOW_MS + hours * 60 * MINUTE_MS)
        await world.settled()

    assert (await world.client.status()).messages_dropped == 1
