"""The eye of each part on its records: footprint, examiner and quarantine of this installation."""

from pathlib import Path

from tram.app.installation.installation import Installation
from tram.app.roles.examine import examiner
from tram.runtime.watch.footprint import Footprint
from tram.runtime.watch.inspection import Inspector
from tram.runtime.watch.quarantine import Quarantine

__all__ = ("inspector_of",)


def inspector_of(installation: Installation, part: str, epoch: int, state: Path) -> Inspector:
    """Return it for a part that reads the log of an epoch; ``state`` is the part's own folder."""
    folder = installation.folder
    return Inspector(
        part=part,
        footprint=Footprint(folder.run / f"{part}.footprint", epoch),
        examine=examiner(part, state, folder.run),
        quarantine=Quarantine(folder.quarantine, installation.clock),
    )
