"""The doors over TLS: 1.2 and 1.3, and the certificate that a device shows."""

import asyncio
import ssl
from pathlib import Path

import pytest

from tests.fleet.gateway.certificates import Authority
from tests.fleet.gateway.rig import TOKEN, Wire, running
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.runtime.errors import Refused
from tram.runtime.processes.process import free_port


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_device_publishes_over_tls_and_shows_its_certificate(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    authority = Authority("Root")
    authority.write(tmp_path / "ca.pem")
    authority.issue("localhost", tmp_path / "server.pem")
    der = authority.issue("device-1", tmp_path / "device.pem")
    port = free_port()
    async with running(
        mqtts_port=port,
        tls_certificate=str(tmp_path / "server.pem"),
        tls_client_ca=str(tmp_path / "ca.pem"),
    ) as rig:
        client = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
        client.minimum_version = client.maximum_version = version
        client.load_cert_chain(str(tmp_path / "device.pem"))
        streams = await asyncio.open_connection(
            "127.0.0.1", port, ssl=client, server_hostname="localhost"
        )
        wire = Wire(*streams)
        assert await wire.begin() == codec.ACCEPTED
        wire.publish(b'{"t": 1}')
        assert await wire.answer() == (codec.PUBACK, 1)
        assert rig.identity.knocks[-1].certificate == der
        await wire.close()

        plain = await rig.connect(token=TOKEN)
        assert rig.identity.knocks[-1].certificate is None
        await plain.close()


async def begin_over_tls(port: int, client: ssl.SSLContext) -> int:
    streams = await asyncio.open_connection(
        "127.0.0.1", port, ssl=client, server_hostname="localhost"
    )
    return await Wire(*streams).begin()


async def test_certificate_of_a_stranger_does_not_get_in(tmp_path: Path) -> None:
    authority, stranger = Authority("Root"), Authority("Stranger")
    authority.write(tmp_path / "ca.pem")
    authority.issue("localhost", tmp_path / "server.pem")
    stranger.issue("device-1", tmp_path / "device.pem")
    port = free_port()
    async with running(
        mqtts_port=port,
        tls_certificate=str(tmp_path / "server.pem"),
        tls_client_ca=str(tmp_path / "ca.pem"),
    ):
        client = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
        client.load_cert_chain(str(tmp_path / "device.pem"))
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            await begin_over_tls(port, client)


async def test_missing_certificate_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        async with running(
            mqtts_port=free_port(), tls_certificate=str(tmp_path / "no.pem")
        ) as rig:
            await rig.task
