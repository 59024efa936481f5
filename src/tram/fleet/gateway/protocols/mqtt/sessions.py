"""The sessions of one gateway: the newest of a client wins, some outlive their connection."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily

from tram.domain.ids import DeviceId
from tram.fleet.block.block import EventKind
from tram.fleet.device_api.excerpts import shown
from tram.fleet.device_api.interfaces import Device
from tram.fleet.device_api.isolation import alone
from tram.fleet.gateway.connect_admission import ConnectAdmission
from tram.fleet.gateway.context import GatewayContext
from tram.fleet.gateway.metrics import ProtocolMetrics
from tram.fleet.gateway.protocols.mqtt.limits import KEPT_MAX, KEPT_OF_DEVICE_MAX
from tram.fleet.gateway.protocols.mqtt.mailbox import Mailbox, SessionTerms
from tram.fleet.gateway.protocols.mqtt.packets.wire import TEXT_BYTES_MAX
from tram.fleet.gateway.protocols.mqtt.stored_session import (
    StoredMessage,
    StoredSession,
    decode_mail,
    decode_session,
    encode,
)
from tram.fleet.gateway.protocols.mqtt.takeovers import Takeovers
from tram.fleet.gateway.protocols.mqtt.wills import Wills
from tram.fleet.gateway.repeated_events import Recurring
from tram.runtime.errors import Broken, Refused

__all__ = ("ConnectedSession", "DetachedSession", "MqttMetrics", "MqttSessions", "SessionReceiver")


_Key = tuple[DeviceId, str]


def _ignore(_many: int) -> None:
    """Charge nobody: a will is said once."""


class MqttMetrics(ProtocolMetrics):
    """What MQTT counts."""

    def __init__(self) -> None:
        super().__init__("mqtt", (0, 1, 2))
        self.connack: Counter[int] = Counter()
        self.skipped = 0
        """Messages to devices that found their session's queue full."""

    def families(self) -> Iterable[Metric]:
        """Return the families that MQTT has beside the gateway's."""
        yield CounterMetricFamily(
            "tram_gateway_skipped", "Messages to devices whose queue was full.", self.skipped
        )
        connack = CounterMetricFamily(
            "tram_gateway_connack", "Answers to CONNECT by return code.", labels=("code",)
        )
        for number, count in self.connack.items():
            connack.add_metric((str(number),), count)
        yield connack


class Newcomer(Protocol):
    """A connection that waits for the name of its client."""

    def end(self, reason: str) -> None:
        """Close the connection for a reason of ours."""
        ...


class SessionReceiver(Protocol):
    """What a connected session receives, as the others of its device see it."""

    mailbox: Mailbox | None

    def fail(self, error: Exception) -> None:
        """End for this fault alone."""
        ...

    def takes_stored(self, mail: StoredMessage) -> bool:
        """Tell whether this message reaches the session through its stored queue."""
        ...

    def receive(self, mail: StoredMessage, stored: int = 0) -> None:
        """Take a message of the own space, if the session asked for it."""
        ...

    def look_for_mail(self) -> None:
        """Look into the stored queue."""
        ...


class ConnectedSession(Protocol):
    """A connected session, as the gateway's other sessions see it."""

    terms: SessionTerms
    qos2_ids: set[int] | None

    @property
    def outgoing(self) -> SessionReceiver:
        """Return what the session receives."""
        ...

    def end(self, reason: str) -> None:
        """Close the connection for a reason of ours."""
        ...

    def fail(self, error: Exception) -> None:
        """End for this fault alone."""
        ...


class DetachedSession:
    """A session between two connections."""

    __slots__ = ("_over", "due", "mailbox", "qos2_ids", "until_ms")

    def __init__(
        self,
        mailbox: Mailbox,
        qos2_ids: set[int] | None,
        until_ms: int,
        over: Callable[[], None],
    ) -> None:
        self.due = 0
        self.mailbox = mailbox
        self.qos2_ids = qos2_ids
        self.until_ms = until_ms
        self._over = over

    def overdue(self) -> None:
        """End the session: its time has passed."""
        self._over()


class MqttSessions:
    """All sessions of one gateway, and the ways between those of one device."""

    def __init__(self, context: GatewayContext, metrics: MqttMetrics) -> None:
        self.context = context
        self.payload_bytes_max = context.settings.payload_bytes_max
        self.packet_bytes_max = self.payload_bytes_max + TEXT_BYTES_MAX + 4
        self.too_large = Refused(
            "payload.too_large",
            f"The payload is larger than {self.payload_bytes_max} bytes.",
            "Send smaller messages.",
        )
        self.metrics = metrics
        self.wills = Wills(context)
        self.takeovers = Takeovers(context.clock)
        self.admission = ConnectAdmission()
        self._contests = Recurring(context.clock)
        self._newcomers: dict[_Key, Newcomer] = {}
        self.kept: dict[_Key, DetachedSession] = {}
        self._kept_of: Counter[DeviceId] = Counter()
        self._by_client: dict[_Key, ConnectedSession] = {}
        self._receivers: dict[DeviceId, set[SessionReceiver]] = {}
        context.neighbours.peers.listen(self._taken, self._told)

    # Who is here

    def enter(self, session: ConnectedSession, device: Device, client: str) -> None:
        """Make this the only connection of the device's client; an older one ends first."""
        self.end_older(device.device, client)
        self._by_client[device.device, client] = session
        self.context.neighbours.sessions.belongs(device.device, device.org)

    def end_older(self, device: DeviceId, client: str) -> bool:
        """End this gateway's connection of a client; return whether there was one."""
        key = device, client
        older = self._by_client.get(key)
        if older is None:
            return False
        self.takeovers.note(key)
        alone(older, older.end, "session.taken_over")
        return True

    async def await_name(self, newcomer: Newcomer, device: Device, client: str) -> None:
        """Let a newcomer wait for a name that others fight for; the latest one alone waits."""
        key = device.device, client
        wait_s = self.takeovers.wait_s(key)
        if not wait_s:
            return
        many = self._contests.many(key)
        if many:
            self.context.api.happened(
                device,
                EventKind.REFUSED,
                "session.contested",
                f"Several connections use the client id {shown(client)!r} and take it from each "
                f"other ({many} more since the last word). A newcomer waits {wait_s:g} s. "
                "Give each board a name of its own.",
            )
        earlier, self._newcomers[key] = self._newcomers.get(key), newcomer
        if earlier is not None:
            earlier.end("session.taken_over")
        try:
            await self.context.clock.sleep(wait_s)
        finally:
            if self._newcomers.get(key) is newcomer:
                del self._newcomers[key]

    def leave(self, session: ConnectedSession, device: Device, client: str) -> None:
        """Forget a connection, unless a newer one took its place."""
        if self._by_client.get((device.device, client)) is session:
            del self._by_client[device.device, client]

    def is_here(self, device: DeviceId, client: str) -> bool:
        """Whether the client is connected to this gateway."""
        return (device, client) in self._by_client

    def receives(self, receiver: SessionReceiver, device: DeviceId, *, wants: bool) -> None:
        """Note whether a connection wants messages of its device."""
        if wants:
            self._receivers.setdefault(device, set()).add(receiver)
            return
        found = self._receivers.get(device)
        if found is not None:
            found.discard(receiver)
            if not found:
                del self._receivers[device]

    # What outlives a connection

    async def resume(
        self, device: DeviceId, client: str, *, clean: bool
    ) -> DetachedSession | None:
        """Return the session that a client left behind, None where there is none or it is over.

        Raises:
            Unavailable: when the store of sessions cannot be asked.
            Broken: when what it holds is damaged.
        """
        store = self.context.neighbours.sessions
        kept = self._unkeep(device, client)
        if kept is not None:
            self.context.connections.deadlines.forget(kept)
        if clean:
            if store.may_have(device, client):
                await store.forget(device, client)
            return None
        if kept is None and store.may_have(device, client):
            content = await store.load(device, client)
            if content is not None:
                stored = decode_session(content)
                if not 0 < stored.until_ms <= self.context.clock.now_ms():
                    kept = DetachedSession(stored.mailbox(), None, stored.until_ms, _nothing)
        if kept is not None and store.may_have(device, client):
            await self.fetch(device, client, kept.mailbox)
        return kept

    async def fetch(self, device: DeviceId, client: str, mailbox: Mailbox) -> None:
        """Put stored messages that the mailbox does not know yet into it."""
        known = {mail.stored for mail in (*mailbox.queue, *mailbox.inflight.values())}
        for place, content in await self.context.neighbours.sessions.pull(device, client):
            if place not in known:
                mail = decode_mail(content)
                grant = mailbox.match(mail.topic)
                mailbox.put(
                    mail.mail(
                        1,
                        retain=False,
                        identifiers=grant.identifiers if grant else [],
                        stored=place,
                    )
                )

    def keep(self, session: ConnectedSession, device: DeviceId, client: str) -> None:
        """Keep a session whose connection has ended until its time has passed."""
        expiry_s = session.terms.expiry_s
        until_ms = self.context.clock.now_ms() + expiry_s * 1000
        mailbox = session.outgoing.mailbox or Mailbox()

        def over() -> None:
            self._unkeep(device, client)
            if self.context.neighbours.sessions.may_have(device, client):
                self.context.start_quietly(self.context.neighbours.sessions.forget(device, client))

        kept = DetachedSession(mailbox, session.qos2_ids, until_ms, over)
        if len(self.kept) < KEPT_MAX and self._kept_of[device] < KEPT_OF_DEVICE_MAX:
            self._kept_of[device] += (device, client) not in self.kept
            self.kept[device, client] = kept
            self.context.connections.deadlines.watch(kept, expiry_s)
        if mailbox.subscriptions:
            self.context.start_quietly(self.save(device, client, expiry_s, mailbox, until_ms))

    def _unkeep(self, device: DeviceId, client: str) -> DetachedSession | None:
        kept = self.kept.pop((device, client), None)
        if kept is not None:
            self._kept_of[device] -= 1
            if not self._kept_of[device]:
                del self._kept_of[device]
        return kept

    async def save(
        self, device: DeviceId, client: str, expiry_s: int, mailbox: Mailbox, until_ms: int = 0
    ) -> None:
        """Store a session's subscriptions; return when they are on disk.

        Raises:
            Refused: ``session.too_many`` when the device keeps as much as it may.
            Unavailable: when the log cannot take it.
        """
        content = encode(StoredSession(client, expiry_s, until_ms, mailbox.subscriptions))
        store = self.context.neighbours.sessions
        try:
            await store.save(device, client, content)
        except Refused:
            if not await self._forget_over(device):
                raise
            await store.save(device, client, content)

    async def _forget_over(self, device: DeviceId) -> bool:
        """Drop stored sessions of a device whose time has passed; tell whether there were any."""
        store, now_ms = self.context.neighbours.sessions, self.context.clock.now_ms()
        kept = [decode_session(content) for content in await store.sessions(device)]
        over = [one.client for one in kept if 0 < one.until_ms <= now_ms]
        for client in over:
            await store.forget(device, client)
        return bool(over)

    # The own space of a device

    async def pass_on(
        self, device: DeviceId, mail: StoredMessage, charge: Callable[[int], None] = _ignore
    ) -> None:
        """Bring a message of the own space to the device's sessions, here, elsewhere and kept.

        ``charge`` is told how many stored sessions were looked at.

        Raises:
            Refused: ``session.too_many`` if it could not be kept somewhere; all others have it.
            Unavailable: when the log cannot take it.
        """
        content = encode(mail)
        refused = await self._store(device, mail, content, charge)
        for receiver in tuple(self._receivers.get(device, ())):
            if not receiver.takes_stored(mail):  # the others got it from the store
                alone(receiver, receiver.receive, mail)
        await self.context.neighbours.peers.tell(device, content)
        if refused is not None:
            raise refused

    async def _store(
        self, device: DeviceId, mail: StoredMessage, content: bytes, charge: Callable[[int], None]
    ) -> Refused | None:
        """Retain a message, and queue it for kept sessions; return what was refused last."""
        store = self.context.neighbours.sessions
        refused: Refused | None = None
        if mail.retain:
            try:
                await store.retain(device, mail.topic, content if mail.payload else b"")
            except Refused as error:
                refused = error
        if mail.qos and store.may_have(device):
            kept = await store.sessions(device)
            charge(len(kept))
            for stored in kept:
                try:
                    await self._queue(device, decode_session(stored), mail, content)
                except Refused as error:
                    refused = error
                except Broken as error:  # one damaged session; the others get it
                    self.context.connections.faults.note(None, error)
        return refused

    async def _queue(
        self, device: DeviceId, stored: StoredSession, mail: StoredMessage, content: bytes
    ) -> None:
        """Store a message for a kept session that wants it; give it to a connection here."""
        mailbox = stored.mailbox()
        grant = mailbox.match(mail.topic, from_itself=mail.sender == stored.client)
        is_over = 0 < stored.until_ms <= self.context.clock.now_ms()
        if grant is None or not grant.qos or is_over:
            return
        place = await self.context.neighbours.sessions.push(device, stored.client, content)
        session = self._by_client.get((device, stored.client))
        if session is not None:
            alone(session, session.outgoing.receive, mail, place)

    async def _taken(self, clients: Sequence[tuple[DeviceId, str]]) -> None:
        """Another gateway takes clients: end their connections here, forget what was kept."""
        for device, client in clients:
            self.end_older(device, client)
            kept = self._unkeep(device, client)
            if kept is not None:
                self.context.connections.deadlines.forget(kept)
        await self.context.flushed()

    def _told(self, device: DeviceId, content: bytes) -> None:
        """Take a message of the own space from another gateway."""
        receivers = self._receivers.get(device)
        if not receivers:
            return
        mail = decode_mail(content)
        for receiver in tuple(receivers):
            if receiver.takes_stored(mail):
                alone(receiver, receiver.look_for_mail)
            else:
                alone(receiver, receiver.receive, mail)


def _nothing() -> None:
    """Do nothing: this session's time is watched elsewhere."""
