"""Settings come from one file and the environment; every fault is named at once."""

import tomllib
from pathlib import Path

import pytest

from tram.app.installation.settings import Settings, commented_file, load_settings
from tram.runtime.errors import Refused


def test_without_file_and_environment_the_defaults_hold(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "tram.toml", {}) == Settings()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "tram.toml"
    file.write_text('[web]\nport = 9000\nhost = "0.0.0.0"\n')

    settings = load_settings(file, {"TRAM_WEB_PORT": "9001"})

    assert (settings.web.port, settings.web.host) == (9001, "0.0.0.0")


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "tram.toml"
    file.write_text(
        '[web]\nport = "many"\ncolour = "red"\n[unknown]\nx = 1\n[log]\nkeep_minutes = 1\n'
    )

    with pytest.raises(Refused) as caught:
        load_settings(file, {"TRAM_GATEWAY_MQTT_PORT": "-5", "TRAM_WEB_SECURE_COOKIES": "perhaps"})

    assert {fault.field for fault in caught.value.faults} == {
        "web.port",
        "web.colour",
        "unknown",
        "log.keep_minutes",
        "TRAM_GATEWAY_MQTT_PORT",
        "TRAM_WEB_SECURE_COOKIES",
    }


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "tram.toml"
    file.write_text("[web\n")

    with pytest.raises(Refused, match="not valid TOML"):
        load_settings(file, {})


def test_the_printed_file_gives_the_defaults_again(tmp_path: Path) -> None:
    file = tmp_path / "tram.toml"
    file.write_text(commented_file())

    assert load_settings(file, {}) == Settings()
    subjects = {"web", "gateway", "log", "store", "registry", "mail", "oidc", "alarms"}
    subjects |= {"privacy"}
    assert set(tomllib.loads(commented_file())) == subjects
