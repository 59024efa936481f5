"""Every scoped call about one device, and what a full or an empty answer looks like."""

from typing import Any

from tests.fleet.store.conftest import NORTH, NOW_MS, SOUTH, World, timed
from tram.fleet.block.block import EventKind
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
    ask = world.client
    series = {
        metric: await ask.range(who, device, metric, 0, NOW_MS + 1, 10, needs_version=needs)
        for metric in ("t", "u")
    }
    summary = await ask.summary(who, needs_version=needs)
    refusals = await ask.refusals(who, NOW_MS, needs_version=needs)
    return {
        "latest": [v.metric for v in await ask.latest(who, device, needs_version=needs)],
        "range": [metric for metric, found in series.items() if found.values],
        "events": len(await ask.events(who, device, needs_version=needs)),
        "refusals": [found.code for found in refusals if found.device == device],
        "attributes": list(await ask.attributes(who, device, needs_version=needs)),
        "messages": len(await ask.messages(who, device, needs_version=needs)),
        "states": [s.device for s in await ask.states(who, [device], needs_version=needs)],
        "all": len(await ask.states(who, needs_version=needs)),
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
