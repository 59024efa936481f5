"""HTTP/1.1, as small devices speak it: one address per verb, below the device's token."""

from tram.fleet.block.block import Protocol
from tram.fleet.gateway.context import GatewayContext
from tram.fleet.gateway.listeners import Listeners
from tram.fleet.gateway.protocol import DeviceProtocol, ListenerRow
from tram.fleet.gateway.protocols.http.listener import HttpListener

__all__ = ("PROTOCOL",)


class Http(DeviceProtocol):
    """The protocol HTTP."""

    name = "http"
    number = int(Protocol.HTTP)
    rows: tuple[ListenerRow, ...] = (
        ListenerRow("HTTP, also over TLS", ("gateway.http_port", "gateway.https_port")),
    )

    async def open(self, context: GatewayContext, listeners: Listeners) -> None:
        """Open the HTTP ports."""
        make = HttpListener(context).make
        listeners.stream(context.settings.http_port, make)
        listeners.stream(context.settings.https_port, make, encrypted=True)


PROTOCOL = Http()
