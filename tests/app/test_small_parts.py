"""Ports, logs and log-ins of an installation; areas that commands take."""

import socket
import stat
from pathlib import Path

import pytest

from tram.api.http.settings import WebSettings
from tram.app.commands.radio import _area
from tram.app.installation.log_ins import LogIns
from tram.app.installation.ports import INNER_PORTS, inner_ports, need_public_ports
from tram.app.installation.rotation import RotatingFile
from tram.app.installation.settings import Settings
from tram.fleet.gateway.settings import GatewaySettings
from tram.runtime.errors import Refused
from tram.runtime.processes.process import free_port


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


@pytest.mark.parametrize(
    "words",
    [
        "108,15,109", "a,b,c,d", "nan,15,109,16", "108,15,inf,16", "109,15,108,16",
        "108,16,109,15", "108,15,108,16", "108,15,109,91", "-181,15,109,16", "",
    ],
)  # fmt: skip
def test_what_is_no_area_of_the_earth_is_refused(words: str) -> None:
    with pytest.raises(Refused, match="is no area") as refusal:
        _area(words)

    assert refusal.value.hint == "Give west,south,east,north in degrees."


def test_an_area_is_read_in_its_order() -> None:
    box = _area("-180, -90,180,90")
    assert (box.west, box.south, box.east, box.north) == (-180, -90, 180, 90)
