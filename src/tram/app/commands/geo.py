"""``tram geo import``: borders, roads, fibre routes and people from files."""

import asyncio
from pathlib import Path
from typing import Literal

import cyclopts

from tram.app.commands.terminal import DEFAULT_DATA, Data, open_for_command, say
from tram.app.composition.registers import open_registers
from tram.registry.kernel.viewer import system_viewer
from tram.rollout.inventory.areas.areas import LayerSummary

__all__ = ("geo",)

Layer = Literal["province", "commune", "zone", "road", "fibre", "population"]

geo = cyclopts.App(name="geo", help="Borders, lines and figures of the province.")


@geo.command(name="import")
def import_layer(
    layer: Layer,
    file: Path,
    *,
    source: str = "",
    synthetic: bool = False,
    data: Data = DEFAULT_DATA,
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
        async with open_registers(open_for_command(data)) as registers:
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
    say(f"{found.layer}: {', '.join(figures)}")
