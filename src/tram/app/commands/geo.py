"""``tram geo import``: borders, roads, fibre routes and people from files."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Literal

import cyclopts

from tram.app.composition.registers import open_registers
from tram.app.installation.installation import open_installation
from tram.app.installation.rotation import log_into
from tram.registry.kernel.viewer import system_viewer
from tram.rollout.inventory.areas.areas import LayerSummary

__all__ = ("geo",)

Layer = Literal["province", "commune", "zone", "road", "fibre", "population"]
_DEFAULT_DATA = Path("data")

geo = cyclopts.App(name="geo", help="Borders, lines and figures of the province.")


@geo.command(name="import")
def import_layer(
    layer: Layer,
    file: Path,
    *,
    source: str = "",
    synthetic: bool = False,
    data: Annotated[Path, cyclopts.Parameter(name="--data")] = _DEFAULT_DATA,
) -> None:
    """Put the features of a file in the place of a layer; stations are then placed anew.

    Args:
        layer: What the file holds.
        file: GeoJSON or GeoPackage; people may also come as CSV.
        source: Where the file is from; its name without it.
        synthetic: Mark the layer as simulated.
        data: The data folder.
    """
    content = file.read_bytes()

    async def run() -> LayerSummary:
        installation = open_installation(data)
        log_into(installation.folder, "command")
        async with open_registers(installation) as registers:
            viewer = system_viewer(await registers.registry.seed_base())
            return await registers.inventory.areas.import_layer(
                viewer, layer, content, source=source or file.name, synthetic=synthetic
            )

    found = asyncio.run(run())
    figures = [f"{found.features} features"]
    if found.area_km2:
        figures.append(f"{found.area_km2:,.2f} km²")
    if found.length_km:
        figures.append(f"{found.length_km:,.1f} km")
    if found.population:
        figures.append(f"{found.population:,} people")
    if found.outside:
        figures.append(f"{found.outside} stations in no commune")
    sys.stdout.write(f"{found.layer}: {', '.join(figures)}\n")
