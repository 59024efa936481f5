"""What loops have set aside: the list, and another try."""

from litestar import Response, get
from litestar.params import FromPath

from tram.api.overview.set_aside import list_aside, try_again
from tram.web.page_context import TakenPage
from tram.web.submission import submission

_HOME = "/aside"


@get(_HOME)
async def aside_page(page: TakenPage) -> Response[str]:
    """Show what could not be done, with its reason, newest first."""
    found = await page.call(list_aside)
    return page.show("overview/set_aside.html", tab="aside", page=found)


@submission(_HOME + "/{entry:int}/again")
async def try_aside_again(page: TakenPage, entry: FromPath[int]) -> str:
    """Let the loop try one again, and go back to the list."""
    await page.call(try_again, entry)
    return _HOME
