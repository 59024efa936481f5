"""Every scoped call about one device, and what a full or an empty answer looks like."""

from typing import Any

from tests.fleet.store.conftest import NORTH, NOW_MS, SOUTH, World, timed
from tram.fleet.block.block import EventKind
from tram.fleet.store.queries.questions import (
    DeviceStates,
    LatestValues,
    RecentEvents,
    RecentMessages,
    RecentRefusals,
    SeriesRange,
    StatedAttributes,
    StateTotals,
    TimeSpan,
)
from tram.registry.kernel.viewer import Viewer


async def fill(world: World) -> None:
    for device, org in ((10, NORTH), (11, NORTH), (20, SOUTH)):
        world.blocks.message(device, timed("t", 1.0), timed("u", 2.0), org=org)
        world.blocks.event(device, EventKind.ATTRIBUTE, "model", '"x"', org=org)
        world.blocks.event(device, EventKind.REFUSED, "payload.not_json", "line 1", org=org)
    world.blocks.send()
    await world.settled()


async def seen(world: World, who: Viewer, device: int, needs: int = 0) -> dict[str, Any]:
    """Ask every scoped call about one device."""
    await world.client.heard(needs)
    ask = world.client.ask
    series = {
        metric: await ask(who, SeriesRange(device, metric, TimeSpan(0, NOW_MS + 1), 10))
        for metric in ("t", "u")
    }
    summary = await ask(who, StateTotals())
    refusals = await ask(who, RecentRefusals(NOW_MS))
    return {
        "latest": [v.metric for v in await ask(who, LatestValues(device))],
        "range": [metric for metric, found in series.items() if found.values],
        "events": len(await ask(who, RecentEvents(device))),
        "refusals": [found.code for found in refusals if found.device == device],
        "attributes": list(await ask(who, StatedAttributes(device))),
        "messages": len(await ask(who, RecentMessages(device))),
        "states": [s.device for s in await ask(who, DeviceStates([device]))],
        "all": len(await ask(who, DeviceStates())),
        "counted": sum(
            getattr(summary.total, name) for name in ("online", "silent", "unknown", "never")
        ),
    }


def everything(device: int, visible: int) -> dict[str, Any]:
    return {
        "latest": ["t", "u"],
        "range": ["t", "u"],
        "events": 2,
        "refusals": ["payload.not_json"],
        "attributes": ["model"],
        "messages": 1,
        "states": [device],
        "all": visible,
        "counted": visible,
    }


def nothing(visible: int) -> dict[str, Any]:
    return {
        "latest": [],
        "range": [],
        "events": 0,
        "refusals": [],
        "attributes": [],
        "messages": 0,
        "states": [],
        "all": visible,
        "counted": visible,
    }
