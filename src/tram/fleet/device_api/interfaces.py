"""What the gateway needs of its neighbours: who connects, where blocks go, who answers questions."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.domain.reading import Value
from tram.fleet.block.block import Event, Message
from tram.fleet.block.open_block import OpenBlock
from tram.fleet.device.rows import Row
from tram.fleet.device_api.downlinks import DownlinkReport, Pending

__all__ = (
    "BlockAppender",
    "BlockSink",
    "Device",
    "DownlinkReports",
    "GatewayDependencies",
    "IdentityView",
    "Peers",
    "RegistryRpc",
    "SessionStore",
    "ShownCredentials",
)


@dataclass(frozen=True, slots=True)
class Device:
    """A known device; ``credential`` is the HMAC-SHA-256 digest (32 bytes) that let it in."""

    device: DeviceId
    org: OrgId
    profile: ProfileId
    credential: bytes


class ShownCredentials(NamedTuple):
    """All that a device shows when it connects; ``certificate`` is its own (DER), verified or not.

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


class BlockAppender(Protocol):
    """What takes messages and events into the open block; each method returns the block to wait on."""

    def add(self, message: Message, rows: list[Row], payload_bytes: int) -> OpenBlock:
        """Append an accepted message."""
        ...

    def add_values(
        self,
        message: Message,
        values: Mapping[str, Value],
        at_ms: int,
        quality: int,
        payload_bytes: int,
    ) -> OpenBlock:
        """Append an accepted message whose values share their time."""
        ...

    def note(self, event: Event) -> OpenBlock:
        """Append an event."""
        ...


class IdentityView(Protocol):
    """Who may connect, as of the newest change that reached this process."""

    async def identify(self, presented: ShownCredentials) -> Device:
        """Return who connects.

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


class RegistryRpc(Protocol):
    """The registry's counter for devices: rare questions, answered by the role work."""

    async def ask(self, question: str, device: Device | None, body: bytes) -> bytes:
        """Return the answer (JSON) to a question about a device, or of nobody yet.

        Raises:
            Refused: when the registry refuses.
            Unavailable: ``rpc.silent`` when nobody answered in time.
        """
        ...


class SessionStore(Protocol):
    """What outlives a connection and a gateway: sessions, their queues, retained messages.

    Contents are opaque bytes. Every method may raise ``Unavailable`` when the log is away; what adds
    something raises ``Refused`` (``session.too_many``) when the device keeps as much as it may, or
    its organisation does.
    """

    def belongs(self, device: DeviceId, org: OrgId) -> None:
        """Note whose a device is: what it keeps counts for its organisation too."""
        ...

    def may_have(self, device: DeviceId, client: str | None = None) -> bool:
        """Return False only if the device (and client) certainly has no stored session."""
        ...

    async def load(self, device: DeviceId, client: str) -> bytes | None:
        """Return a stored session."""
        ...

    async def sessions(self, device: DeviceId) -> list[bytes]:
        """Return all stored sessions of a device."""
        ...

    async def save(self, device: DeviceId, client: str, content: bytes) -> None:
        """Store a session; return when it is on disk."""
        ...

    async def forget(self, device: DeviceId, client: str) -> None:
        """Drop a session with its queue."""
        ...

    async def push(self, device: DeviceId, client: str, content: bytes) -> int:
        """Append a message to a session's queue; return its place when it is on disk."""
        ...

    async def pull(self, device: DeviceId, client: str) -> list[tuple[int, bytes]]:
        """Return a session's queue in order, each with its place."""
        ...

    async def drop(self, device: DeviceId, client: str, place: int) -> None:
        """Remove one message of a queue."""
        ...

    async def retain(self, device: DeviceId, topic: str, content: bytes) -> None:
        """Keep the last message of a topic, or none when the content is empty."""
        ...

    async def retained(self, device: DeviceId) -> list[bytes]:
        """Return the kept messages of a device."""
        ...

    async def keep_will(self, gateway: str, device: DeviceId, client: str, content: bytes) -> None:
        """Keep the will of a gateway's client, or none when the content is empty."""
        ...

    async def wills(self, gateway: str) -> list[bytes]:
        """Return the wills that are kept of a gateway."""
        ...


class Peers(Protocol):
    """The other gateways of the province."""

    async def take(self, device: DeviceId, client: str) -> None:
        """Return when no other gateway has this client any more, or after a second or two."""
        ...

    async def tell(self, device: DeviceId, content: bytes) -> None:
        """Give a message of a device's own space to the other gateways."""
        ...

    def listen(
        self,
        taken: Callable[[Sequence[tuple[DeviceId, str]]], Awaitable[None]],
        told: Callable[[DeviceId, bytes], None],
    ) -> None:
        """Call back when another gateway takes a client, and with what others tell."""
        ...


class DownlinkReports(Protocol):
    """What became of downlinks, on its way to the registry."""

    async def put(self, report: DownlinkReport) -> None:
        """Return when the report is on disk, however long that takes."""
        ...


@dataclass(frozen=True, slots=True)
class GatewayDependencies:
    """All that a gateway works with outside of itself."""

    identity: IdentityView
    sink: BlockSink
    rpc: RegistryRpc
    downlinks: Pending
    reports: DownlinkReports
    sessions: SessionStore
    peers: Peers
