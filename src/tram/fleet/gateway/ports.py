"""What the gateway needs of its neighbours: who knocks, where blocks go, who answers questions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tram.domain.ids import DeviceId, OrgId, ProfileId

__all__ = ("BlockSink", "Desk", "Device", "IdentityView", "Knock", "Neighbours")


@dataclass(frozen=True, slots=True)
class Device:
    """A known device; ``credential`` is the HMAC-SHA-256 digest (32 bytes) that let it in."""

    device: DeviceId
    org: OrgId
    profile: ProfileId
    credential: bytes


class Knock(NamedTuple):
    """All that a device shows at a door; ``certificate`` is its own (DER), verified or not.

    ``user_name`` carries the token where there is no password.
    """

    user_name: str | None
    password: bytes | None = None
    client_id: str = ""
    certificate: bytes | None = None


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

    async def identify(self, knock: Knock) -> Device:
        """Return who knocks.

        Raises:
            Refused: ``token.unknown``, only when what was shown is certainly unknown.
            Unavailable: ``identity.behind`` when this process may not know the newest credentials.
        """
        ...

    def on_gone(
        self, callback: Callable[[bytes], None], bound: Callable[[], Iterable[bytes]]
    ) -> None:
        """Call back with the credential's digest at each revocation.

        ``bound`` tells the digests of open connections, for what happened while out of touch.
        """
        ...

    def on_trust(self, callback: Callable[[bytes], None]) -> None:
        """Call back with each certificate (DER) that a chain may end in, those known now first."""
        ...


class Desk(Protocol):
    """The registry's counter for devices: rare questions, answered by the role work."""

    async def ask(self, question: str, device: Device | None, body: bytes) -> bytes:
        """Return the answer (JSON) to a question about a device, or of nobody yet.

        Raises:
            Refused: when the registry refuses.
            Unavailable: ``desk.silent`` when nobody answered in time.
        """
        ...


@dataclass(frozen=True, slots=True)
class Neighbours:
    """All that a gateway works with outside of itself."""

    identity: IdentityView
    sink: BlockSink
    desk: Desk
