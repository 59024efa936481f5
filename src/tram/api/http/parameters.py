"""What routes take from the application and from the query."""

from datetime import date
from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tram.api.http.paging import LIMIT_DEFAULT, LIMIT_MAX
from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import PersonSession

__all__ = (
    "AsOf",
    "AskedMs",
    "Cursor",
    "PageLimit",
    "TakenServices",
    "TakenSession",
    "TakenViewer",
)

TakenServices = NamedDependency[Services]
TakenViewer = NamedDependency[Viewer]
TakenSession = NamedDependency[PersonSession]
AsOf = Annotated[
    date | None,
    QueryParameter(name="as_of", description="The day that counts; today if absent."),
]
Cursor = Annotated[str | None, QueryParameter(description="The mark `next` of the page before.")]
AskedMs = Annotated[int, QueryParameter(description="Required; UTC epoch ms.")]
PageLimit = Annotated[
    int,
    QueryParameter(ge=1, le=LIMIT_MAX, description=f"Rows per page, {LIMIT_DEFAULT} if absent."),
]
