"""What a protocol is to the gateway, and how the gateway finds those that there are."""

from abc import ABC, abstractmethod
from collections import Counter
from typing import NamedTuple

from tram.fleet.gateway.context import GatewayContext
from tram.fleet.gateway.listeners import Listeners
from tram.runtime.plugins import registered

__all__ = ("PACKAGE", "DeviceProtocol", "ListenerRow", "installed_protocols")

PACKAGE = "tram.fleet.gateway.protocols"
"""A ``PROTOCOL`` of a module below it, or an entry point of this group, is a protocol."""


class ListenerRow(NamedTuple):
    """A row of the table of listeners in ``docs/protocols.md``: what is spoken, which settings."""

    spoken: str
    settings: tuple[str, ...]


class DeviceProtocol(ABC):
    """One protocol; it keeps nothing itself, for a process may have several gateways.

    ``name`` stands in metrics. ``number`` stands in blocks: 1 to 127 are given in ``fleet/block``,
    the others are free for packages from elsewhere.

    ``process`` is empty for a protocol whose listeners live on the gateway's event loop. One whose
    server cannot (FTP, SFTP) names a process instead, for a gateway of its own that opens the
    protocols of that process and no others; none of Trạm's does yet, and the supervisor starts none.
    It writes blocks, knows devices and stops like any other gateway; its server may run in a thread
    there and hands over with ``loop.call_soon_threadsafe``.
    """

    name: str
    number: int
    process: str = ""
    rows: tuple[ListenerRow, ...]

    @abstractmethod
    async def open(self, context: GatewayContext, listeners: Listeners) -> None:
        """Open what the settings ask for; name the protocol's counters to ``context.metrics``.

        Nothing is read before this has returned for every protocol.
        """


def installed_protocols(process: str = "") -> list[DeviceProtocol]:
    """Return the protocols of a process, those of Trạm before those from elsewhere.

    Raises:
        ValueError: if two have the same name or number.
    """
    found: list[DeviceProtocol] = registered(PACKAGE, "PROTOCOL")
    known = Counter[str | int](one.name for one in found) + Counter(one.number for one in found)
    twice = [name for name, many in known.items() if many > 1]
    if twice:
        raise ValueError(f"Several protocols are called {twice}.")
    return [one for one in found if one.process == process]
