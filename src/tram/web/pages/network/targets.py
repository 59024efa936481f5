"""Targets: how far, how fast, by whom, as of any day."""

from litestar import Response, get
from litestar.params import FromQuery

from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.network.counts import count_table
from tram.api.network.targets import list_counting_rules, list_targets
from tram.web.forms import day_of
from tram.web.rendering import TakenScreen

_DRAWN = "ratio_5g_4g"
"""The indicator that has a course: the others are not counted yet."""


@get("/reports/targets")
async def targets_page(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    as_of: FromQuery[str] = "",
    rule: FromQuery[str] = "",
) -> Response[str]:
    """Show every target's standing; day and rule of allocation stand in the address."""
    found = await list_targets(services, viewer, day_of(as_of))
    rules = (await list_counting_rules(services, viewer)).items
    return screen.show(
        "network/targets.html",
        tab="targets",
        day=found.day,
        drawn=[item for item in found.items if item.target.indicator == _DRAWN],
        others=[item for item in found.items if item.target.indicator != _DRAWN],
        table=await count_table(services, viewer, found.day),
        counting={item.key: item for item in rules},
        rule=rule,
    )
