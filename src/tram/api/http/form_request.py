"""A request whose form is read as the JSON object of the same fields."""

from collections.abc import AsyncGenerator
from typing import Any

from litestar import Request
from litestar.exceptions import InternalServerException

from tram.api.http.session import CSRF_FIELD, FORM_TYPES
from tram.runtime.errors import Refused
from tram.runtime.json_depth import check_depth

__all__ = ("FormRequest",)

FIELDS_MAX = 5_000


class FormRequest(Request[Any, Any, Any]):
    """Lets a plain HTML form, which proves itself by a field, ask what JSON may ask."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the body in parts.

        Raises:
            Refused: ``request.cut`` when the sender has gone: no fault of ours to be logged.
        """
        try:
            async for part in super().stream():
                yield part
        except InternalServerException:
            if not self.is_connected:  # read a second time, which is our fault
                raise
            raise Refused(
                "request.cut", "The connection ended before the request did.", "Send it again."
            ) from None

    async def body(self) -> bytes:
        """Return the body of the request.

        Raises:
            Refused: ``request.too_large`` for a form of more than 5,000 fields: they are read one
                by one, while everybody waits.
        """
        found = await super().body()
        if self.content_type[0] == FORM_TYPES[0] and found.count(b"&") >= FIELDS_MAX:
            raise Refused("request.too_large", f"A form has {FIELDS_MAX} fields at most.")
        return found

    async def json(self) -> Any:  # noqa: ANN401  # what was sent, to be checked by the route
        """Return the body as JSON would have said it; the proof is no part of what is asked.

        Raises:
            Refused: ``request.too_deep`` or ``request.unreadable``.
        """
        if self.content_type[0] not in FORM_TYPES:
            check_depth(await self.body())
            try:
                return await super().json()
            except UnicodeDecodeError:
                raise Refused(
                    "request.unreadable", "The request is not UTF-8.", "Send JSON in UTF-8."
                ) from None
        fields = await self.form()
        return {name: value for name, value in fields.items() if name != CSRF_FIELD}
