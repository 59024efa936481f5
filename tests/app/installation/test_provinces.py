"""The province of an installation: chosen once, kept, and refused with every fault when it is wrong."""

import json
import shutil
from pathlib import Path

import pytest

from tests.provinces import INVENTED_FOLDER
from tests.repository import ROOT
from tram.app.installation.installation import open_installation
from tram.app.installation.province_folder import chosen_folder, read_province
from tram.runtime.errors import Refused

SHIPPED = sorted(path.name for path in (ROOT / "src" / "tram" / "provinces").iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(INVENTED_FOLDER, tmp_path / "of my own"))


def change(file: Path, **values: object) -> None:
    """Give the first entry of a list, or the one thing of a file, other values."""
    found = json.loads(file.read_bytes())
    (found[0] if isinstance(found, list) else found).update(values)
    file.write_text(json.dumps(found))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_province_has_no_fault(name: str) -> None:
    province = read_province(chosen_folder(name))

    assert province.communes
    assert all(province.bounds.holds(c.lon, c.lat) for c in province.communes)


def test_every_fault_is_told_at_once_by_file_and_field(folder: Path) -> None:
    toml = (folder / "province.toml").read_text()
    (folder / "province.toml").write_text(toml.replace("name = ", "called = ", 1))
    change(folder / "letter.json", signer="Giám đốc")
    change(folder / "targets.json", value="forty")
    (folder / "tasks.json").write_text("[")
    lines = (folder / "communes.csv").read_text()
    (folder / "communes.csv").write_text(lines.replace("180.0", "wide"))

    with pytest.raises(Refused) as refused:
        read_province(folder)

    assert refused.value.code == "province.wrong"
    assert {fault.field for fault in refused.value.faults} >= {
        "province.toml.called",
        "province.toml.name",
        "letter.json.signer",
        "targets.json[1].value",
        "tasks.json",
        "communes.csv[2].area_km2",
    }


def test_what_entries_say_of_each_other_must_be_true(folder: Path) -> None:
    toml = (folder / "province.toml").read_text()
    toml = toml.replace("lat = 18.70", "lat = 21.0").replace("west = 105.1", "west = 107.1", 1)
    (folder / "province.toml").write_text(toml)
    change(folder / "counts.json", operator="NOBODY")
    change(folder / "operators.json", code="MP-GIO")
    change(folder / "documents.json", links=[["answers", "V9"]])
    change(folder / "letter.json", texts={})
    units = json.loads((folder / "organisations.json").read_bytes())
    (folder / "organisations.json").write_text(json.dumps([units[0], units[0], units[2]]))

    with pytest.raises(Refused) as refused:
        read_province(folder)

    assert {fault.field for fault in refused.value.faults} >= {
        "province.toml.centre",
        "province.toml.view",
        "counts.json[1].operator",
        "operators.json[1].code",
        "documents.json[1].links",
        "letter.json.texts.closing.contact",
        "organisations.json.code",
        "organisations.json",
    }


def test_a_wrong_province_leaves_no_data_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "zones.csv").unlink()
    monkeypatch.setenv("TRAM_REGISTRY_PROVINCE", str(folder))

    with pytest.raises(Refused, match=r"zones\.csv"):
        open_installation(tmp_path / "data")

    assert not (tmp_path / "data").exists()


def test_a_path_is_kept_as_a_copy_and_a_name_as_a_name(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAM_REGISTRY_PROVINCE", str(folder))
    open_installation(tmp_path / "second")
    monkeypatch.delenv("TRAM_REGISTRY_PROVINCE")
    open_installation(tmp_path / "first")
    shutil.rmtree(folder)

    assert open_installation(tmp_path / "second").province.name == "Phù Vân (mô phỏng)"
    assert open_installation(tmp_path / "first").province.letter.answers == "R3"
    assert [path.name for path in (tmp_path / "first" / "province").iterdir()] == ["province.toml"]


def test_an_installation_from_before_is_of_the_first_province(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = open_installation(tmp_path / "data")
    shutil.rmtree(made.folder.province)
    monkeypatch.setenv("TRAM_REGISTRY_PROVINCE", str(INVENTED_FOLDER))

    assert open_installation(tmp_path / "data").province.letter.answers == "R3"


def test_an_unknown_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAM_REGISTRY_PROVINCE", "nowhere")

    with pytest.raises(Refused, match="nowhere"):
        open_installation(tmp_path / "data")
