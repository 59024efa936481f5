"""Hostile ones of every kind at a running product for a moment: nobody of the neighbours notices.

The long form, with a drawn seed: ``python tools/fuzz_product.py --minutes 30``.
"""

from pathlib import Path

from tools.fuzz_product import fuzz
from tools.fuzzing.attack import Size
from tools.fuzzing.scene import open_scene

SEED = "14"
SIZE = Size(
    quiet_s=2, attack_s=9, held=150, dying=150,
    files=("deep.geojson", "endless.gpkg", "odd.csv", "odd.geojson", "random.gpkg", "wide.xlsx"),
)  # fmt: skip


async def test_neighbours_notice_nothing_of_an_attack_through_every_door(tmp_path: Path) -> None:
    with open_scene(tmp_path / "data") as scene:
        rows, found = await fuzz(scene, SIZE, SEED, tmp_path)

    assert [f"{finding['kind']}: {finding['what']}" for finding in found] == []
    assert sum(row["count"] for row in rows if row["phase"] == "attack") > 100
