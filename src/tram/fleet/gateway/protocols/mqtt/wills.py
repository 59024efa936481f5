"""The wills of a gateway's connections on disk: when the gateway itself dies, its next boot says them.

A will is stored beside the CONNACK, not before it: of a connection that is younger than this takes,
the will may be lost with the gateway. Only clients that named themselves have one stored.
"""

import socket
from typing import NamedTuple

import msgspec

from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.fleet.device_api.interfaces import Device
from tram.fleet.gateway.context import GatewayContext
from tram.fleet.gateway.protocols.mqtt.packets.codec import Will
from tram.fleet.gateway.protocols.mqtt.packets.properties import Properties
from tram.fleet.gateway.protocols.mqtt.stored_session import encode
from tram.runtime.errors import Refused, Unavailable
from tram.runtime.logging import get_logger

__all__ = ("Left", "Wills")

_Key = tuple[DeviceId, str]

log = get_logger()


class _KeptWill(msgspec.Struct, frozen=True):
    device: int
    org: int
    profile: int
    client: str
    expiry_s: int
    topic: str
    payload: bytes
    qos: int
    retain: bool
    properties: Properties


class Left(NamedTuple):
    """The will of a connection that ended with its gateway."""

    device: Device
    client: str
    will: Will
    expiry_s: int


_decode = msgspec.msgpack.Decoder(_KeptWill).decode


class Wills:
    """Keeps the wills of one gateway, which is known by its host and port over its boots."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context
        self._gateway = f"{socket.gethostname()}:{context.settings.mqtt_port}"
        self._stored: dict[_Key, int] = {}
        self._number = 0

    def keep(self, device: Device, client: str, will: Will, expiry_s: int) -> None:
        """Store the will of a connection that has begun."""
        if not client:
            return
        self._number += 1
        self._stored[device.device, client] = self._number
        content = encode(
            _KeptWill(
                device.device,
                device.org,
                device.profile,
                client,
                expiry_s,
                will.topic,
                will.payload,
                will.qos,
                will.retain,
                will.properties or {},
            )
        )
        self._put(device, client, content)

    def gone(self, device: Device, client: str) -> None:
        """Forget a will that was said or is not wanted, once everything up to now is on disk."""
        number = self._stored.get((device.device, client))
        if number is not None:
            waiters = self._context.block_writer.current().waiters
            waiters.append((self._forget, (device, client, number)))

    async def left(self) -> list[Left]:
        """Return what an earlier boot of this gateway left to say; each is forgotten when gone."""
        try:
            contents = await self._context.neighbours.sessions.wills(self._gateway)
        except Unavailable as error:
            log.warning("wills of an earlier boot are not said", reason=error.sentence)
            return []
        left: list[Left] = []
        for content in contents:
            try:
                left.append(self._left(_decode(content)))
            except msgspec.DecodeError as error:  # of one device: those of others are said
                self._context.connections.faults.note(None, error)
        return left

    def _left(self, kept: _KeptWill) -> Left:
        device = Device(DeviceId(kept.device), OrgId(kept.org), ProfileId(kept.profile), b"")
        self._number += 1
        self._stored[device.device, kept.client] = self._number
        will = Will(kept.topic, kept.payload, kept.qos, kept.retain, kept.properties)
        return Left(device, kept.client, will, kept.expiry_s)

    def _forget(self, what: tuple[Device, str, int]) -> None:
        device, client, number = what
        key = device.device, client
        if self._stored.get(key) == number:  # the client has left no newer one
            del self._stored[key]
            self._put(device, client, b"")

    def _put(self, device: Device, client: str, content: bytes) -> None:
        self._context.start_quietly(self._keep(device, client, content))

    async def _keep(self, device: Device, client: str, content: bytes) -> None:
        store = self._context.neighbours.sessions
        try:
            await store.keep_will(self._gateway, device.device, client, content)
        except Refused as error:
            self._context.api.refuse(device, error, b"")
