"""The list's filters and its count, which never says a wrong number."""

import pytest
from msgspec import convert

from tests.fleet.alarms.conftest import Watch
from tram.fleet.alarms.console import console
from tram.fleet.alarms.console.alarm_filter import AlarmFilter
from tram.fleet.alarms.views import NewRule, RuleContent
from tram.fleet.device.rows import Row

HOT = {"kind": "limit", "metric": "temp", "high": 30}


def content(spec: dict) -> RuleContent:
    return convert({"spec": spec}, RuleContent)


async def flood(watch: Watch, count: int = 6) -> list[int]:
    """Alarms of so many devices of the red house."""
    devices = [
        int((await watch.world.device(watch.world.red.org, name="Quạt gió")).id)
        for _ in range(count)
    ]
    await watch.rule(HOT)
    watch.clock.advance(1_000)
    at_ms = watch.clock.now_ms()
    watch.block({device: [Row("temp", at_ms, 40.0)] for device in devices})
    await watch.judge()
    return devices


async def test_a_search_that_finds_very_many_says_so_and_pages_through_all(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = await flood(watch)
    viewer, wanted = watch.world.red.viewer, AlarmFilter(state="all", search="quat")
    monkeypatch.setattr(console, "COUNTED_MAX", 4)
    pages, found, after = [], [], None
    while not pages or after:
        pages.append(await watch.alarms.console.page(viewer, wanted, after=after, limit=2))
        found += [alarm.device for alarm in pages[-1].items]
        after = pages[-1].next_after

    assert {(page.total, page.is_exact) for page in pages} == {(4, False)}
    assert sorted(found) == sorted(devices)
    nobody = await watch.alarms.console.page(watch.world.blue.viewer, wanted)
    assert (nobody.items, nobody.total, nobody.is_exact) == ([], 0, True)


async def test_alarms_of_lent_devices_are_found_and_counted(watch: Watch) -> None:
    blue = watch.world.blue
    device = (await flood(watch))[0]
    await watch.world.lend(device, blue.org)
    for search in ("", "quat"):
        wanted = AlarmFilter(state="all", search=search)
        page = await watch.alarms.console.page(blue.viewer, wanted)

        assert [alarm.device for alarm in page.items] == [device]
        assert (page.total, page.is_exact) == (1, True)


async def test_every_count_holds_the_alarms_of_lent_devices_once(watch: Watch) -> None:
    red, blue = watch.world.red, watch.world.blue
    lent, own = (await flood(watch))[0], blue.devices[0]
    await watch.world.lend(lent, blue.org)
    await watch.alarms.rules.create(
        blue.viewer,
        NewRule(name="Luật", severity="critical", content=content(HOT), enabled=True),
    )
    watch.send(own, temp=40.0)
    await watch.judge()

    found = await watch.alarms.console.counts(blue.viewer)
    page = await watch.alarms.console.page(blue.viewer, AlarmFilter())
    worst = await watch.alarms.console.page(blue.viewer, AlarmFilter(severity="critical"))

    assert (found.open, found.unacked, found.held) == (2, 2, 0)
    assert {s: n for s, n in found.open_by_severity.items() if n} == {"critical": 1, "major": 1}
    assert (page.total, page.is_exact, len(page.items), worst.total) == (2, True, 2, 1)
    await watch.act(next(a.id for a in page.items if a.device == lent), "ack")
    found = await watch.alarms.console.counts(blue.viewer)
    assert (found.open, found.unacked) == (2, 1)
    assert (await watch.alarms.console.counts(red.viewer)).open == 6
