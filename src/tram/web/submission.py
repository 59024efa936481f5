"""The one way to submit a form: read, use case, then another page, or the faults beside the fields."""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from http import HTTPStatus
from inspect import Signature, signature
from types import MappingProxyType
from typing import Any, ParamSpec, cast

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from tram.runtime.errors import Fault, Refused
from tram.web.forms import faults_of

__all__ = ("NO_FAULTS", "Faults", "submission")

Faults = Mapping[str, Fault]
"""What is wrong with a form, by the name of the field."""
NO_FAULTS: Faults = MappingProxyType({})

_Given = ParamSpec("_Given")
_Submit = Callable[_Given, Awaitable[str | Response[Any]]]
_WITHIN = re.compile(r"[.\[]")
"""What stands before it in a fault's place is the field of the form."""


def submission(
    path: str,
    again: Callable[..., Awaitable[Response[str]]] | None = None,
    **options: Any,  # noqa: ANN401  # the framework's own
) -> Callable[[_Submit[_Given]], HTTPRouteHandler]:
    """Make a function the handler of a form; it answers with the address that comes next, or a page.

    When it is refused, ``again`` shows the form: it takes ``faults``, and of what the function takes
    as much as it names. What no form can mend, and all where none is shown again, becomes the page
    of an error.
    """
    shown_again = signature(again).parameters if again else {}

    def decorate(submit: _Submit[_Given]) -> HTTPRouteHandler:
        """Return the handler."""

        @wraps(submit)
        async def answer(*_: _Given.args, **given: _Given.kwargs) -> Response[Any]:
            """Answer one submission."""
            try:
                done = await submit(*_, **given)
            except Refused as error:
                if again is None:
                    raise
                known = {name: value for name, value in given.items() if name in shown_again}
                page = await again(**known, faults=_by_field(faults_of(error)))
                page.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
                return page
            return done if isinstance(done, Response) else Redirect(done, status_code=303)

        _answers_with_a_page(cast("Any", answer), signature(submit))
        return post(path, status_code=HTTPStatus.SEE_OTHER, **options)(answer)

    return decorate


def _answers_with_a_page(answer: Any, asked: Signature) -> None:  # noqa: ANN401  # a function
    """Tell the framework that a wrapped handler never answers with an address."""
    answer.__signature__ = asked.replace(return_annotation=Response[Any])
    answer.__annotations__ = {**answer.__annotations__, "return": Response[Any]}


def _by_field(faults: tuple[Fault, ...]) -> Faults:
    """Return the faults by their place, and by the field of the form that it lies in."""
    fields = {_WITHIN.split(fault.field, maxsplit=1)[0]: fault for fault in faults}
    return fields | {fault.field: fault for fault in faults}
