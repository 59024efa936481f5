"""Where we stand, on one screen."""

from litestar import Response, get

from tram.api import overview
from tram.api.endpoints.taken import TakenServices, TakenViewer
from tram.web.rendering import TakenScreen

__all__ = ("overview_page",)


@get("/")
async def overview_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show the figures of the first page; each number leads to its list."""
    return screen.show("overview.html", board=await overview.overview(services, viewer))
