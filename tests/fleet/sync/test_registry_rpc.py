"""Questions of gateways to the registry's role over a real server."""

import pytest

from tests.nats_process import NatsProcess
from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.fleet.device_api.interfaces import Device
from tram.fleet.log.nats_connection import open_link
from tram.fleet.sync import registry_rpc as rpc
from tram.fleet.sync.registry_rpc import RegistryRpcClient, serve_registry_rpc
from tram.runtime.errors import Refused, Unavailable

FIRST = Device(DeviceId(1), OrgId(2), ProfileId(3), b"4" * 32)


async def test_question_is_answered_refused_or_unavailable(
    nats: NatsProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def echo(device: Device | None, body: bytes) -> bytes:
        asked.append(device)
        return body * 2

    async def refuse(device: Device | None, body: bytes) -> bytes:
        raise Refused("claim.wrong", "No.", "Ask.")

    async def busy(device: Device | None, body: bytes) -> bytes:
        raise Unavailable("registry.away", "Later.")

    gateway = await open_link(nats.access("gateway"), "gateway")
    work = await open_link(nats.access("work"), "work")
    client = RegistryRpcClient(gateway)
    with monkeypatch.context() as impatient:
        impatient.setattr(rpc, "ANSWER_S", 0.3)
        with pytest.raises(Unavailable, match="did not answer"):
            await client.ask("echo", None, b"")

    await serve_registry_rpc(work, {"echo": echo, "refuse": refuse, "busy": busy})

    assert await client.ask("echo", FIRST, b"ab") == b"abab"
    assert await client.ask("echo", None, b"") == b""
    assert asked == [FIRST, None]
    with pytest.raises(Refused) as refused:
        await client.ask("refuse", FIRST, b"")
    assert (refused.value.code, refused.value.hint) == ("claim.wrong", "Ask.")
    with pytest.raises(Unavailable) as unavailable:
        await client.ask("busy", FIRST, b"")
    assert unavailable.value.code == "registry.away"
    with pytest.raises(Refused, match="Nobody answers"):
        await client.ask("nothing", FIRST, b"")
    await gateway.close()
    await work.close()
