"""A listening socket that can stop accepting: newcomers then wait in the kernel's queue."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Final

__all__ = ("Listener",)

BACKLOG: Final = 4096
HANDSHAKE_S: Final = 20.0
"""Longest TLS handshake; a peer that is slower is cut off."""
SHUTDOWN_S: Final = 2.0


class Listener:
    """Accepts connections on an address while ``accept`` holds.

    With ``tls`` every connection is encrypted. The socket itself stays open, so pausing refuses nobody.
    """

    def __init__(
        self,
        host: str,
        port: int,
        make: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._make = make
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._wanted = False
        self._socket = socket.create_server(
            (host, port),
            family=socket.AF_INET6 if ":" in host else socket.AF_INET,
            backlog=BACKLOG,
        )
        self._socket.setblocking(False)  # noqa: FBT003  # the standard library's signature

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        number: int = self._socket.getsockname()[1]
        return number

    async def accept(self) -> None:
        """Take connections from now on."""
        self._wanted = True
        if self._server is None:
            server = await asyncio.get_running_loop().create_server(
                self._make,
                sock=self._socket.dup(),
                backlog=BACKLOG,
                ssl=self._tls,
                ssl_handshake_timeout=HANDSHAKE_S if self._tls else None,
                ssl_shutdown_timeout=SHUTDOWN_S if self._tls else None,
            )
            if self._wanted and self._server is None:
                self._server = server
            else:
                server.close()

    def pause(self) -> None:
        """Take no more connections; those that come wait."""
        self._wanted = False
        if self._server is not None:
            self._server.close()
            self._server = None

    def close(self) -> None:
        """Stop listening."""
        self.pause()
        self._socket.close()
