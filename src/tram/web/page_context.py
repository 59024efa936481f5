"""What a page works with, as one thing that its handler takes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Concatenate, ParamSpec, TypeVar

from litestar import Response
from litestar.di import NamedDependency

from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer
from tram.web.rendering import Screen, TakenScreen

__all__ = ("PageContext", "TakenPage", "provide_page")

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class PageContext:
    """The use cases, the person who asks, and the screen that shows them the answer."""

    services: Services
    viewer: Viewer
    screen: Screen

    async def call(
        self,
        use_case: Callable[Concatenate[Services, Viewer, _Given], Awaitable[_Found]],
        *given: _Given.args,
        **named: _Given.kwargs,
    ) -> _Found:
        """Return what a use case answers this person."""
        return await use_case(self.services, self.viewer, *given, **named)

    def show(self, template: str, status: int = HTTPStatus.OK, **shown: object) -> Response[str]:
        """Answer with a filled template."""
        return self.screen.show(template, status, **shown)

    def may(self, permission: str) -> bool:
        """Say whether the person may do this anywhere; the use case decides in each case."""
        return self.viewer.may(permission)


TakenPage = NamedDependency[PageContext]


async def provide_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> PageContext:
    """Return what the handler of a page needs; a guest has no pages."""
    return PageContext(services, viewer, screen)
