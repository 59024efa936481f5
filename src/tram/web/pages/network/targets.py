"""Targets: how far, how fast, by whom, as of any day."""

from litestar import Response, get
from litestar.params import FromQuery

from tram.api.network.counts import count_table
from tram.api.network.targets import list_counting_rules, list_targets
from tram.web.forms import day_of
from tram.web.page_context import TakenPage

_DRAWN = "ratio_5g_4g"
"""The indicator that has a course: the others are not counted yet."""


@get("/reports/targets")
async def targets_page(
    page: TakenPage,
    as_of: FromQuery[str] = "",
    rule: FromQuery[str] = "",
) -> Response[str]:
    """Show every target's standing; day and rule of allocation stand in the address."""
    found = await page.call(list_targets, day_of(as_of))
    rules = (await page.call(list_counting_rules)).items
    return page.show(
        "network/targets.html",
        tab="targets",
        day=found.day,
        drawn=[item for item in found.items if item.target.indicator == _DRAWN],
        others=[item for item in found.items if item.target.indicator != _DRAWN],
        table=await page.call(count_table, found.day),
        counting={item.key: item for item in rules},
        rule=rule,
    )
