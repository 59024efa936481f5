"""Answers of the device HTTP port: bytes, with errors as problem+json (RFC 9457)."""

from http import HTTPStatus
from typing import Final

import msgspec

from tram.fleet.gateway.protocols.http.limits import RETRY_AFTER_S
from tram.runtime.errors import Refused, TramError, Unavailable

__all__ = ("OK", "build_answer", "build_problem", "status_of")

JSON: Final = "application/json"
PROBLEM_JSON: Final = "application/problem+json"
OK: Final = HTTPStatus.OK

_STATUS_OF_CODE: Final = {
    "token.unknown": HTTPStatus.UNAUTHORIZED,
    "path.unknown": HTTPStatus.NOT_FOUND,
    "call.unknown": HTTPStatus.NOT_FOUND,
    "method.wrong": HTTPStatus.METHOD_NOT_ALLOWED,
    "payload.too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "request.head_too_large": HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "request.encoded": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "request.late": HTTPStatus.REQUEST_TIMEOUT,
    "poll.empty": HTTPStatus.REQUEST_TIMEOUT,
    "poll.too_many": HTTPStatus.TOO_MANY_REQUESTS,
    "connections.too_many": HTTPStatus.TOO_MANY_REQUESTS,
}


def status_of(error: TramError) -> HTTPStatus:
    """Return the status that an error is answered with."""
    if isinstance(error, Unavailable):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return _STATUS_OF_CODE.get(error.code, HTTPStatus.BAD_REQUEST)


def build_answer(
    status: HTTPStatus,
    body: bytes = b"",
    *,
    keep_alive: bool = True,
    media_type: str = JSON,
    fields: tuple[str, ...] = (),
) -> bytes:
    """Return a whole HTTP/1.1 answer; ``fields`` are further header lines."""
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Content-Length: {len(body)}",
        f"Connection: {'keep-alive' if keep_alive else 'close'}",
        *fields,
    ]
    if body:
        lines.append(f"Content-Type: {media_type}")
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body


def build_problem(error: TramError, *, keep_alive: bool, allowed: str = "") -> bytes:
    """Return the answer to an error, with its code and every fault; ``allowed`` lists methods."""
    status = status_of(error)
    faults = error.faults if isinstance(error, Refused) else ()
    problem: dict[str, object] = {
        "type": f"urn:tram:error:{error.code}",
        "title": status.phrase,
        "status": status.value,
        "detail": error.sentence,
        "code": error.code,
        "hint": error.hint,
        "faults": [
            {"field": fault.field, "sentence": fault.sentence, "hint": fault.hint}
            for fault in faults
        ],
    }
    fields = ["Cache-Control: no-store"]
    if isinstance(error, Unavailable):
        problem["retry_after_s"] = error.retry_after_s
        fields.append(f"Retry-After: {error.retry_after_s}")
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        problem["retry_after_s"] = RETRY_AFTER_S
        fields.append(f"Retry-After: {RETRY_AFTER_S}")
    if status is HTTPStatus.UNAUTHORIZED:
        fields.append('WWW-Authenticate: Token realm="tram"')
    if allowed:
        fields.append(f"Allow: {allowed}")
    return build_answer(
        status,
        msgspec.json.encode(problem),
        keep_alive=keep_alive,
        media_type=PROBLEM_JSON,
        fields=tuple(fields),
    )
