"""``tram report letter`` and ``tram check`` as one types them."""

import asyncio
import json
from datetime import date
from pathlib import Path

import pytest

from tests.provinces import QUANG_NGAI
from tests.report.july import July
from tests.rollout.conftest import LETTER_DAY, a_count
from tests.rollout.inventory.test_stations import a_station
from tram.app.cli import app
from tram.app.commands.report import check, report
from tram.app.composition.engines import open_registry
from tram.app.installation.installation import open_installation
from tram.registry.kernel.viewer import system_viewer
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.stations.views import Life

__all__ = ("check", "report")


def run(*words: object) -> None:
    """Run a command as the shell does; the command line ends with exit code 0."""
    with pytest.raises(SystemExit) as ended:
        app([str(word) for word in words])
    assert ended.value.code in {0, None}


def test_letter_is_written_twice_with_the_same_bytes(july: July, tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    for _ in range(2):
        run("report", "letter", "--as-of", "2025-07-30", "--out", out, "--data", data)

        assert (out / "cong-van-5g-iot-2025-07-30.docx").read_bytes() == july.files.docx
        assert (out / "cong-van-5g-iot-2025-07-30.pdf").read_bytes() == july.files.pdf


def test_check_lists_every_rule_with_its_remedy(
    july: July, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("check", "--as-of", "2025-07-30", "--data", tmp_path)

    said = capsys.readouterr().out
    for finding in july.findings.values():
        assert f"{finding.code} {finding.severity}" in said
        assert finding.sentence_vi in said
        assert (finding.remedy_vi in said) or finding.holds


def test_check_of_the_original_speaks_english_and_json(
    july: July, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("check", "--original", "--language", "en", "--data", tmp_path)
    assert july.printed["C08"].sentence_en in capsys.readouterr().out

    run("check", "--original", "--json", "--data", tmp_path)
    found = json.loads(capsys.readouterr().out)
    assert [finding["code"] for finding in found] == list(july.printed)


def test_strict_check_fails_while_an_error_stands(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        app(["check", "--as-of", "2025-07-30", "--strict", "--data", str(tmp_path)])
    assert ended.value.code == 1


def test_check_names_differences_of_province_zone_and_commune(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_fill(tmp_path))

    run("check", "--as-of", LETTER_DAY, "--data", tmp_path)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines() if "DS" in line]
    assert lines[-2:] == [
        "DS  W ✗     VNPT 5G: số chính thức 7 (30/07/2025), danh sách trạm có 2 (-5)  [commune:21172]",
        "DS  W ✗     VNPT 5G: số chính thức 3 (30/07/2025), danh sách trạm có 1 (-2)  [zone:KCN-TP]",
    ]
    assert (
        "DS  W ✗     VNPT 5G: số chính thức 19 (30/07/2025), danh sách trạm có 2 (-17)  [province]"
        in lines
    )
    run("check", "--as-of", LETTER_DAY, "--language", "en", "--data", tmp_path)
    said = capsys.readouterr().out
    assert "VNPT 5G: official count 3 (30/07/2025), the list has 1 (-2)  [zone:KCN-TP]" in said


async def _fill(data: Path) -> None:
    """Two stations of VNPT in a commune, one of them in a zone; counts that say otherwise."""
    installation = open_installation(data)
    registry = await open_registry(installation)
    try:
        viewer = system_viewer(await registry.seed_base())
        inventory = Inventory(registry.database, installation.clock, QUANG_NGAI)
        await inventory.seed(viewer)
        vnpt = next(o.id for o in await inventory.operators.list(viewer) if o.code == "VNPT")
        park = next(zone for zone in await registry.zones.list(viewer) if zone.code == "KCN-TP")
        since = (Life(date(2025, 1, 1), "on-air"),)
        in_park = a_station(vnpt, "A", lon=park.lon, lat=park.lat, life=since, commune="21172")
        away = a_station(vnpt, "B", lon=108.5, lat=14.8, life=since, commune="21172")
        await inventory.keeping.put(viewer, [in_park, away])
        for scope, count in (("zone:KCN-TP", 3), ("commune:21172", 7)):
            new = a_count(vnpt, "5G", count, LETTER_DAY, scope=scope)
            await inventory.counts.enter(viewer, new)
    finally:
        await registry.close()
