"""What a decoder of free topics is, and how those that there are are found."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from tram.fleet.device.rows import Row
from tram.runtime.plugins import registered

__all__ = ("PACKAGE", "Decode", "Decoder", "installed_decoders")

PACKAGE = "tram.fleet.device.decoders"
"""A ``DECODER`` of a module below it, or an entry point of this group, is a decoder."""

Decode = Callable[[bytes, int], list[Row]]
"""Payload and the time of receipt (UTC epoch milliseconds) to rows; raises ``Refused``."""


class Decoder(NamedTuple):
    """A format by its name in a profile's rules.

    ``build`` makes the decoder that a rule's options ask for; it raises ``ValueError`` with a
    sentence over what is wrong with them.
    """

    name: str
    build: Callable[[Mapping[str, Any]], Decode]


@cache
def installed_decoders() -> dict[str, Decoder]:
    """Return every decoder by its name."""
    found: list[Decoder] = registered(PACKAGE, "DECODER")
    return {one.name: one for one in found}
