"""Devices introduce themselves to a gateway: certificate, provisioning key, claim."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fleet.gateway.certificates import Authority
from tests.fleet.log.province import Province, open_province
from tests.fleet.sync.test_identity import HMAC_KEY, following, pumping
from tests.nats_process import NatsProcess
from tram.fleet.device_api.interfaces import ShownCredentials
from tram.fleet.log.nats_connection import NatsConnection, open_link
from tram.fleet.sync.admission import admission_answers, admitted
from tram.fleet.sync.registry_rpc import RegistryRpcClient, serve_registry_rpc
from tram.registry.kernel.views import NewClaim, NewCredential, NewEnrolment
from tram.runtime.errors import Refused


@pytest_asyncio.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    province = await open_province(tmp_path, HMAC_KEY)
    yield province
    await province.registry.close()


@pytest_asyncio.fixture
async def rpc(nats: NatsProcess, province: Province) -> AsyncIterator[RegistryRpcClient]:
    work = await open_link(nats.access("work"), "work")
    registry = province.registry
    await serve_registry_rpc(work, admission_answers(registry.enrolments, registry.claims))
    gateway = await open_link(nats.access("gateway"), "gateway")
    yield RegistryRpcClient(gateway)
    await gateway.close()
    await work.close()


async def test_certificate_of_a_known_authority_gets_in_at_its_first_knock(
    ops_link: NatsConnection,
    nats: NatsProcess,
    province: Province,
    rpc: RegistryRpcClient,
    tmp_path: Path,
) -> None:
    authority = Authority("Root")
    authority.write(tmp_path / "ca.pem")
    pem = (tmp_path / "ca.pem").read_text()
    profile = (await province.registry.profiles.list(province.viewer))[0]
    presented = ShownCredentials(None, certificate=authority.issue("cam-1", tmp_path / "cam.pem"))
    stranger = ShownCredentials(
        None, certificate=Authority("Root").issue("cam-1", tmp_path / "no.pem")
    )
    trusted: list[bytes] = []
    gone: list[bytes] = []
    async with (
        pumping(nats, province),
        following(nats, tmp_path, partial(admitted, rpc)) as gateway,
    ):
        gateway.on_trust(trusted.append)
        gateway.on_gone(gone.append, list)
        enrolment = await province.registry.enrolments.create(
            province.viewer,
            NewEnrolment(
                name="Máy ảnh", org=province.root, sector=profile.sector, profile=profile.id,
                certificate=pem,
            ),
        )  # fmt: skip
        device = await gateway.identify(presented)
        with pytest.raises(Refused) as untrusted:
            await gateway.identify(stranger)
        assert (await gateway.identify(presented)) == device
        await province.registry.enrolments.revoke(province.viewer, enrolment.id)
        async with asyncio.timeout(5):
            while not gone:
                await asyncio.sleep(0.02)
        with pytest.raises(Refused) as revoked:
            await gateway.identify(presented)

    assert (untrusted.value.code, revoked.value.code) == (
        "certificate.untrusted",
        "credential.revoked",
    )
    assert gone == [device.credential]
    assert len(trusted) == 1


async def test_user_name_with_password_opens_and_without_does_not(
    ops_link: NatsConnection, nats: NatsProcess, province: Province, tmp_path: Path
) -> None:
    async with pumping(nats, province), following(nats, tmp_path) as gateway:
        device, token = await province.device("Bơm")
        basic = await province.registry.credentials.add(
            province.viewer, device, NewCredential(kind="basic", user_name="bơm-1")
        )
        password = basic.secret.encode()

        assert (await gateway.identify(ShownCredentials("bơm-1", password))).device == device
        assert (await gateway.identify(ShownCredentials(token, b"ignored"))).device == device
        for wrong in (
            ShownCredentials("bơm-1"),
            ShownCredentials("bơm-1", b"x"),
            ShownCredentials("", password),
            ShownCredentials(None),
        ):
            with pytest.raises(Refused) as caught:
                await gateway.identify(wrong)
            assert caught.value.code == "token.unknown"


async def test_unknown_digest_is_refused_at_once_until_it_becomes_known(
    ops_link: NatsConnection, nats: NatsProcess, province: Province, tmp_path: Path
) -> None:
    async with pumping(nats, province), following(nats, tmp_path) as gateway:
        profile = (await province.registry.profiles.list(province.viewer))[0]
        enrolment = await province.registry.enrolments.create(
            province.viewer,
            NewEnrolment(name="Lô", org=province.root, sector="energy", profile=profile.id),
        )
        presented = ShownCredentials("a token that the device chose")
        for _ in range(3):
            with pytest.raises(Refused):
                await gateway.identify(presented)
        asked = {
            "provisionDeviceKey": enrolment.key,
            "provisionDeviceSecret": enrolment.secret,
            "token": presented.user_name,
        }
        answer = admission_answers(province.registry.enrolments, province.registry.claims)
        await answer["provision"](None, json.dumps(asked).encode())
        async with asyncio.timeout(5):
            while True:
                try:
                    device = await gateway.identify(presented)
                    break
                except Refused:
                    await asyncio.sleep(0.02)

    assert device.org == province.root


async def test_provisioning_speaks_the_widespread_json(
    ops_link: NatsConnection, province: Province, rpc: RegistryRpcClient
) -> None:
    profile = (await province.registry.profiles.list(province.viewer))[0]
    enrolment = await province.registry.enrolments.create(
        province.viewer,
        NewEnrolment(name="Lô", org=province.root, sector="energy", profile=profile.id),
    )
    keys = {
        "provisionDeviceKey": enrolment.key,
        "provisionDeviceSecret": enrolment.secret,
    }

    async def provision(**given: object) -> dict:
        return json.loads(await rpc.ask("provision", None, json.dumps(given).encode()))

    token = await provision(deviceName="SN-1", **keys)
    basic = await provision(
        deviceName="SN-2", credentialsType="MQTT_BASIC", username="u", password="p" * 16, **keys
    )
    again = await provision(deviceName="SN-1", **keys)
    short = await provision(deviceName="SN-3", token="short", **keys)
    foreign = await provision(deviceName="SN-3", credentialsType="LWM2M_CREDENTIALS", **keys)

    assert (token["status"], token["credentialsType"]) == ("SUCCESS", "ACCESS_TOKEN")
    assert token["credentialsValue"].startswith("tr_")
    assert basic["credentialsValue"] == {"userName": "u", "password": "p" * 16}
    assert [a["status"] for a in (again, short, foreign)] == ["FAILURE"] * 3
    assert again["code"] == "enrolment.device_known"
    assert "16 to 256" in short["errorMsg"]
    assert (await provision(x=1))["code"] == "payload.wrong"


async def test_device_offers_itself_to_be_claimed(
    ops_link: NatsConnection,
    nats: NatsProcess,
    province: Province,
    rpc: RegistryRpcClient,
    tmp_path: Path,
) -> None:
    async with pumping(nats, province), following(nats, tmp_path) as gateway:
        _, token = await province.device("Bơm")
        device = await gateway.identify(ShownCredentials(token))
    asked = json.dumps({"secretKey": "what it shows", "durationMs": 60_000}).encode()

    assert await rpc.ask("claim", device, asked) == b"{}"

    claimed = await province.registry.claims.claim(
        province.viewer,
        NewClaim(secret="what it shows", device=str(device.device), org=province.root),
    )
    assert claimed == device.device
    for wrong in (b"", b"[]", b'{"secretKey": "short"}'):
        with pytest.raises(Refused):
            await rpc.ask("claim", device, wrong)
    with pytest.raises(Refused):
        await rpc.ask("claim", None, asked)
