"""Other people's device software connects unchanged: the SDK, and the gateway with a Modbus meter.

Their packages clash with ours, so they live in an environment of their own (``.venv-peers``), made
by ``tools/test_servers.py`` from ``requirements/peers.lock``.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.product import Product, is_listening, wait_until
from tram.runtime.processes.process import free_port

HERE = Path(__file__).parent
PEERS = HERE.parent.parent / ".venv-peers" / "bin" / "python"
PATIENCE_S = 60


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    assert PEERS.exists(), "run 'python tools/test_servers.py' to set the peers up"
    product = Product(tmp_path_factory.mktemp("peers") / "data")
    try:
        yield product.start()
    finally:
        product.stop()


def test_the_widespread_sdk_sends_claims_and_provisions(product: Product) -> None:
    device, token = product.seed_devices(1)[0]
    with product.log_in() as person:
        home = person.get(f"/devices/{device}").json()
        new = {
            "name": "Lô SDK",
            "org": home["org"],
            "sector": "energy",
            "profile": home["profile"],
        }
        enrolment = person.post("/enrolments", json=new).json()
        script = [str(PEERS), str(HERE / "tb_client.py"), str(product.ports["mqtt"]), token]
        done = subprocess.run(
            [*script, enrolment["key"], enrolment["secret"]],
            capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

        said = json.loads(done.stdout.splitlines()[-1])
        assert said == {
            "telemetry": True,
            "attributes": True,
            "claim": True,
            "provision": "SUCCESS",
            "own": True,
        }
        wait_until(lambda: product.latest(person, device), "its values are there")
        assert product.latest(person, device) == {"temperature": 27.5, "running": True}
        found = person.get("/devices", params={"search": "SN-SDK-1"}).json()["items"]
        wait_until(lambda: product.latest(person, found[0]["id"]), "the new device has sent")
        claim = {"code": "what it shows", "device": str(device), "org": home["org"]}
        assert person.post("/claims", json=claim).json() == {"device": device}


def test_the_gateway_reads_a_modbus_meter_into_a_device_behind_it(
    product: Product, tmp_path: Path
) -> None:
    gateway, token = product.seed_devices(1)[0]
    with meter() as modbus_port, product.log_in() as person:
        configuration = configure(tmp_path, product.ports["mqtt"], token, modbus_port)
        process = subprocess.Popen(
            [
                str(PEERS),
                "-c",
                "from thingsboard_gateway.tb_gateway import daemon; daemon()",
            ],
            env={
                **os.environ,
                "TB_GW_CONFIG_DIR": str(configuration),
                "TB_GW_LOGS_PATH": str(tmp_path),
            },
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:

            def found() -> list[dict]:
                answer = person.get("/devices", params={"search": "Đồng hồ Modbus"})
                return answer.json()["items"]

            wait_until(found, "the device behind the gateway is made", PATIENCE_S)
            behind = found()[0]["id"]
            wait_until(lambda: product.latest(person, behind), "its values", PATIENCE_S)
            values = product.latest(person, behind)
        finally:
            process.kill()
            process.wait()
    assert (values["temperature"], values["humidity"]) == (27.3, 61.5)
    assert behind != gateway


@contextmanager
def meter() -> Iterator[int]:
    """Run a Modbus server; give its port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, str(HERE / "modbus_server.py"), str(port)])
    try:
        wait_until(lambda: is_listening(port), "the Modbus server listens")
        yield port
    finally:
        process.kill()
        process.wait()


def configure(folder: Path, mqtt_port: int, token: str, modbus_port: int) -> Path:
    """Write the gateway's own configuration files."""
    configuration = folder / "config"
    configuration.mkdir()
    (folder / "data").mkdir()
    general = {
        "thingsboard": {
            "host": "127.0.0.1",
            "port": mqtt_port,
            "remoteShell": False,
            "remoteConfiguration": False,
            "statistics": {"enable": False},
            "security": {"type": "accessToken", "accessToken": token},
            "qos": 1,
            "checkConnectorsConfigurationInSeconds": 60,
        },
        "storage": {"type": "memory", "read_records_count": 100, "max_records_count": 1000},
        "grpc": {"enabled": False},
        "connectors": [{"type": "modbus", "name": "Meter", "configuration": "modbus.json"}],
    }
    series = [
        {
            "tag": tag,
            "type": "16int",
            "address": address,
            "objectsCount": 1,
            "functionCode": 3,
            "divider": 10,
        }
        for address, tag in enumerate(("temperature", "humidity"))
    ]
    slave = {
        "host": "127.0.0.1",
        "port": modbus_port,
        "type": "tcp",
        "method": "socket",
        "unitId": 1,
        "deviceName": "Đồng hồ Modbus",
        "deviceType": "default",
        "timeout": 5,
        "byteOrder": "BIG",
        "wordOrder": "LITTLE",
        "pollPeriod": 500,
        "attributes": [],
        "timeseries": series,
        "attributeUpdates": [],
        "rpc": [],
    }
    (configuration / "tb_gateway.json").write_text(json.dumps(general))
    (configuration / "modbus.json").write_text(json.dumps({"master": {"slaves": [slave]}}))
    logs = HERE.parent.parent / ".venv-peers"
    shipped = next(logs.glob("lib/*/site-packages/thingsboard_gateway/config/logs.json"))
    (configuration / "logs.json").write_text(shipped.read_text())
    return configuration
