"""The data folder: made whole, never taken over, never misread."""

import json
import os
import stat
from pathlib import Path

import pytest

from tram.app.installation.data_folder import FORMAT, open_folder
from tram.app.installation.installation import open_installation
from tram.runtime.errors import Refused


def test_a_first_start_makes_the_layout_with_private_keys(tmp_path: Path) -> None:
    folder = open_folder(tmp_path / "dữ liệu")

    keys = folder.read_keys()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.keys.iterdir()}

    assert len(keys.hmac) == 32
    assert set(keys.seeds) == {"gateway", "store", "alarms", "web", "work", "ops"}
    assert len(set(keys.seeds.values())) == 6
    assert set(modes.values()) == {0o600}
    assert json.loads((folder.root / "format").read_text()) == {"format": FORMAT}


def test_a_second_start_keeps_every_key(tmp_path: Path) -> None:
    first = open_folder(tmp_path).read_keys()

    assert open_folder(tmp_path).read_keys() == first


def test_keys_never_show_when_printed(tmp_path: Path) -> None:
    keys = open_folder(tmp_path).read_keys()

    assert keys.ops not in repr(keys)
    assert keys.seeds["ops"] not in repr(keys)


def test_a_cut_first_start_is_completed(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    (tmp_path / "format").unlink()
    (folder.keys / "nats-web.seed").unlink()

    assert set(open_folder(tmp_path).read_keys().seeds) == {
        "gateway",
        "store",
        "alarms",
        "web",
        "work",
        "ops",
    }


def test_a_lost_key_is_named_and_not_replaced(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    (folder.keys / "hmac.key").unlink()

    with pytest.raises(Refused, match=r"hmac\.key is missing") as refusal:
        open_folder(tmp_path).read_keys()

    assert "backup" in refusal.value.hint


def test_a_newer_format_is_refused_with_the_remedy(tmp_path: Path) -> None:
    open_folder(tmp_path)
    (tmp_path / "format").write_text(json.dumps({"format": FORMAT + 1}))

    with pytest.raises(Refused, match=f"has format {FORMAT + 1}") as refusal:
        open_folder(tmp_path)

    assert "--data" in refusal.value.hint


def test_an_unreadable_format_is_refused(tmp_path: Path) -> None:
    open_folder(tmp_path)
    (tmp_path / "format").write_text("one")

    with pytest.raises(Refused, match="does not say which format"):
        open_folder(tmp_path)


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("…")

    with pytest.raises(Refused, match=r"thesis\.odt"):
        open_folder(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]


def test_settings_may_lie_there_before_the_first_start(tmp_path: Path) -> None:
    (tmp_path / "tram.toml").write_text("[web]\nport = 8099\n")

    assert open_folder(tmp_path).settings_file.exists()


def test_two_cannot_hold_one_folder(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)

    folder.running.write({"pid": os.getpid(), "ports": {}})

    assert not folder.running.is_held()
    with folder.running.lock():
        assert folder.running.is_held()
        with pytest.raises(Refused, match="Another Trạm"):
            folder.running.lock()
    assert not folder.running.is_held()


def test_what_a_killed_product_noted_is_not_believed(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    folder.running.write({"pid": 2**22 + 1, "ports": {"nats": 1}})

    assert not folder.running.is_held()
    assert open_installation(tmp_path).ports == {}
