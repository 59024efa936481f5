"""What is done for one connection can fail for that one alone."""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, runtime_checkable

__all__ = ("Failing", "alone", "alone_async")


@runtime_checkable
class Failing(Protocol):
    """Who something is done for."""

    def fail(self, error: Exception) -> None:
        """End for this fault alone."""
        ...


def alone(one: Failing, call: Callable[..., object], *arguments: object) -> None:
    """Call something for one connection: what it raises is that connection's end alone."""
    try:
        call(*arguments)
    except Exception as error:  # noqa: BLE001  # a fault of one must not cost others anything
        one.fail(error)


async def alone_async(one: Failing, work: Coroutine[Any, Any, None]) -> None:
    """Do something for one connection: what it raises is that connection's end alone."""
    try:
        await work
    except Exception as error:  # noqa: BLE001  # a fault of one must not cost others anything
        one.fail(error)
