"""Where we stand, on one screen."""

from litestar import Response, get

from tram.api.devices.devices import DeviceFilter, list_devices
from tram.api.overview import overview
from tram.web.page_context import TakenPage
from tram.web.words.terms import SYNTHETIC_WORD


@get("/")
async def overview_page(page: TakenPage) -> Response[str]:
    """Show the figures of the first page; each number leads to its list."""
    board = await page.call(overview.overview)
    simulated: int | None = 0
    simulated_more = False
    if board.sees_devices:
        some = DeviceFilter(search=SYNTHETIC_WORD, limit=1)
        found = await page.call(list_devices, some)
        simulated, simulated_more = found.total, not found.is_exact
    return page.show(
        "overview/overview.html", board=board, simulated=simulated, simulated_more=simulated_more
    )
