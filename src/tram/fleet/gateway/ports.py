"""What the gateway needs of its neighbours: who a token belongs to, and where blocks go."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tram.domain.ids import DeviceId, OrgId, ProfileId

__all__ = ("BlockSink", "Device", "IdentityView")


@dataclass(frozen=True, slots=True)
class Device:
    """A known device; ``credential`` is the HMAC-SHA-256 digest (32 bytes) that let it in."""

    device: DeviceId
    org: OrgId
    profile: ProfileId
    credential: bytes


class BlockSink(Protocol):
    """Where blocks become durable."""

    async def put(self, number: int, payload: bytes) -> None:
        """Return only when the block is on disk; doubt is resolved inside.

        Raises:
            Unavailable: ``log.boot_ended`` when this boot may publish no more; the block's
                messages must not be acknowledged.
        """
        ...


class IdentityView(Protocol):
    """Who may connect, as of the newest change that reached this process."""

    async def find(self, token: str) -> Device:
        """Return whom the token belongs to.

        Raises:
            Refused: ``token.unknown``, only when the token is certainly unknown.
            Unavailable: ``identity.behind`` when this process may not know the newest tokens.
        """
        ...

    def on_gone(self, callback: Callable[[bytes], None]) -> None:
        """Call back with the credential's digest at each revocation."""
        ...
