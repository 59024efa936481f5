"""Ports, logs and log-ins of an installation."""

import socket
import stat
from pathlib import Path

import pytest

from tram.app.installation.log_ins import LogIns
from tram.app.installation.ports import INNER_PORTS, inner_ports, need_public_ports
from tram.app.installation.rotation import RotatingFile
from tram.runtime.errors import Refused
from tram.runtime.processes.process import free_port
from tram.runtime.settings import GatewaySettings, Settings, WebSettings


def test_every_taken_port_is_named_with_its_setting() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as web,
        socket.create_server(("127.0.0.1", 0)) as mqtt,
    ):
        settings = Settings(
            web=WebSettings(port=web.getsockname()[1]),
            gateway=GatewaySettings(mqtt_port=mqtt.getsockname()[1], http_port=free_port()),
        )

        with pytest.raises(Refused) as refusal:
            need_public_ports(settings)

    sentence = str(refusal.value)
    assert f"port {settings.web.port} on 127.0.0.1 is taken (web.port)" in sentence
    assert "TRAM_WEB_PORT" in sentence
    assert "TRAM_GATEWAY_MQTT_PORT" in sentence
    assert "gateway.http_port" not in sentence


def test_inner_ports_differ_and_lie_below_those_of_outgoing_connections() -> None:
    ports = inner_ports()

    assert set(ports) == set(INNER_PORTS)
    assert len(set(ports.values())) == len(INNER_PORTS)
    assert max(ports.values()) < 32_768


def test_a_log_stays_within_its_bound_and_keeps_the_newest(tmp_path: Path) -> None:
    log = RotatingFile(tmp_path / "role.log", bytes_max=1_000)
    for number in range(500):
        log.write(f"line {number:04}\n".encode())
    tail = log.tail()
    log.close()

    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [
        "role.log",
        "role.log.1",
        "role.log.2",
        "role.log.3",
    ]
    assert all(file.stat().st_size <= 1_000 for file in files)
    assert tail == "line 0499"


def test_a_made_password_is_kept_privately_and_given_again(tmp_path: Path) -> None:
    path = tmp_path / "demo-logins.txt"

    password = LogIns(path).password_for("quantri")

    assert len(password) >= 12
    assert LogIns(path).password_for("quantri") == password
    assert LogIns(path).password_for("nhamaya") != password
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
