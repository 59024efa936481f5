"""Errors as pages: the same problem that the API would answer, in the reader's language."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.response import Redirect

from tram.api.http.errors import answer, ours, problem_of
from tram.api.http.session import API
from tram.web.rendering import remembered_screen

__all__ = ("nothing_here", "page_of_error")

_NO_SESSION = "session.needed"


def page_of_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Show what went wrong and what to do; who is not logged in goes to the log-in page."""
    problem = problem_of(ours(request, error))
    screen = remembered_screen(request)
    if problem.code == _NO_SESSION:
        target = "/login?" + urlencode({"next": screen.here})
        if "hx-request" in request.headers:
            return Response(
                b"", status_code=HTTPStatus.UNAUTHORIZED, headers={"hx-redirect": target}
            )
        return Redirect(target, status_code=303)
    response = screen.show("layout/error.html", problem.status, problem=problem)
    if problem.retry_after_s is not None:
        response.headers["retry-after"] = str(problem.retry_after_s)
    return response


def nothing_here(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer an address that does not exist: a person gets a page, a program gets a problem."""
    wants_page = "text/html" in request.headers.get("accept", "")
    if wants_page and not request.scope["path"].startswith(API):
        return page_of_error(request, error)
    return answer(problem_of(ours(request, error)))
