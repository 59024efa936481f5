"""The only place where errors become HTTP: RFC 9457 problems with our code, hint and faults.

Refused → 4xx by the code's family; Unavailable → 503 with Retry-After; everything else → 500, whose
details go to the log and never to the caller.
"""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from tram.api.http.faults import faults_of_body, faults_of_parameters
from tram.runtime.errors import Broken, Fault, Refused, TramError, Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.messages import Param

__all__ = (
    "EXCEPTION_HANDLERS",
    "PROBLEM_MEDIA_TYPE",
    "FaultView",
    "Problem",
    "answer",
    "ours",
    "problem_of",
    "status_of",
)

PROBLEM_MEDIA_TYPE = "application/problem+json"

_STATUS_OF_CODE = {
    "access.denied": HTTPStatus.FORBIDDEN,
    "claim.locked": HTTPStatus.TOO_MANY_REQUESTS,
    "access.person_needed": HTTPStatus.FORBIDDEN,
    "login.challenge_over": HTTPStatus.UNAUTHORIZED,
    "login.code_wrong": HTTPStatus.UNAUTHORIZED,
    "login.locked": HTTPStatus.TOO_MANY_REQUESTS,
    "login.too_often": HTTPStatus.TOO_MANY_REQUESTS,
    "login.wrong": HTTPStatus.UNAUTHORIZED,
    "page.unknown": HTTPStatus.NOT_FOUND,
    "oidc.stranger": HTTPStatus.FORBIDDEN,
    "oidc.wrong": HTTPStatus.UNAUTHORIZED,
    "password.too_often": HTTPStatus.TOO_MANY_REQUESTS,
    "rate.too_often": HTTPStatus.TOO_MANY_REQUESTS,
    "request.method": HTTPStatus.METHOD_NOT_ALLOWED,
    "session.foreign": HTTPStatus.FORBIDDEN,
    "session.needed": HTTPStatus.UNAUTHORIZED,
    "session.token_wrong": HTTPStatus.UNAUTHORIZED,
    "session.unproven": HTTPStatus.FORBIDDEN,
    "token.unknown": HTTPStatus.UNAUTHORIZED,
}
_STATUS_OF_PROBLEM = {
    "denied": HTTPStatus.FORBIDDEN,
    "in_use": HTTPStatus.CONFLICT,
    "invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "taken": HTTPStatus.CONFLICT,
    "too_deep": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unknown": HTTPStatus.NOT_FOUND,
    "wrong": HTTPStatus.UNPROCESSABLE_ENTITY,
}


class FaultView(msgspec.Struct, frozen=True):
    """One thing wrong with one field."""

    field: str
    sentence: str
    hint: str
    code: str
    params: dict[str, Param]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An error as the caller sees it (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    hint: str
    faults: list[FaultView]
    retry_after_s: int | None = None


def status_of(error: TramError) -> HTTPStatus:
    """Return the HTTP status of an error by its family and code."""
    if isinstance(error, Unavailable):
        return _STATUS_OF_CODE.get(error.code, HTTPStatus.SERVICE_UNAVAILABLE)
    if not isinstance(error, Refused):
        return HTTPStatus.INTERNAL_SERVER_ERROR
    return _STATUS_OF_CODE.get(error.code) or _status_of_problem(error.code.rpartition(".")[2])


def _status_of_problem(problem: str) -> HTTPStatus:
    """Return the status by what is wrong: ``taken``, and ``code_taken`` as well."""
    for word, status in _STATUS_OF_PROBLEM.items():
        if problem == word or problem.endswith(f"_{word}"):
            return status
    return HTTPStatus.BAD_REQUEST


def problem_of(error: TramError) -> Problem:
    """Return what the caller may know of an error; a bug of ours keeps its details."""
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        error = Broken(
            "server.broken",
            "Something broke on our side.",
            "Try again; if it happens again, tell the operator the time of this page.",
        )
    faults = error.faults if isinstance(error, Refused) else ()
    return Problem(
        type=f"urn:tram:error:{error.code}",
        title=status.phrase,
        status=status,
        detail=error.sentence,
        code=error.code,
        hint=error.hint,
        faults=[_view(fault) for fault in faults],
        retry_after_s=error.retry_after_s if isinstance(error, Unavailable) else None,
    )


def _view(fault: Fault) -> FaultView:
    return FaultView(fault.field, fault.sentence, fault.hint, fault.code, dict(fault.params))


def answer(problem: Problem) -> Response[Problem]:
    """Return the problem as a response, with Retry-After where waiting helps."""
    headers = {"Cache-Control": "no-store"}
    if problem.retry_after_s is not None:
        headers["Retry-After"] = str(problem.retry_after_s)
    return Response(
        problem, status_code=problem.status, media_type=PROBLEM_MEDIA_TYPE, headers=headers
    )


def ours(request: ASGIConnection[Any, Any, Any, Any], error: Exception) -> TramError:
    """Return any exception as one of our three families; what is not foreseen is logged."""
    if isinstance(error, Broken):
        get_logger().error("request broke", code=error.code, exc_info=error, **_where(request))
    if isinstance(error, TramError):
        return error
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _refused_by_framework(request, error)
    get_logger().error("request broke", exc_info=error, **_where(request))
    return Broken("server.broken", "Something broke on our side.")


def _where(request: ASGIConnection[Any, Any, Any, Any]) -> dict[str, str]:
    return {"route": str(request.scope.get("path_template", "")), "kind": request.scope["type"]}


def _refused_by_framework(
    request: ASGIConnection[Any, Any, Any, Any], error: HTTPException
) -> Refused:
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return Refused("page.unknown", "There is nothing at this address.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return Refused("request.method", "This address does not take that method.")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return Refused("request.too_large", "The request is larger than this address takes.")
        case _:
            pass
    if isinstance(error, ValidationException):
        faults = faults_of_body(request) or faults_of_parameters(error)
        return Refused(
            "request.invalid",
            "Some fields are missing or wrong.",
            "Mend the fields named under faults.",
            faults,
        )
    return Refused(
        "request.unreadable",
        "The request could not be read.",
        "Send JSON with Content-Type: application/json.",
    )


def _respond(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    return answer(problem_of(ours(request, error)))


EXCEPTION_HANDLERS: ExceptionHandlersMap = {Exception: _respond}
"""For the whole application; a router of pages may set its own that renders ``problem_of``."""
