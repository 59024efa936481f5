"""The sets of published cases that are known, by the name of their folder."""

from collections.abc import Callable
from pathlib import Path

from tram.rollout.radio.validate import p452_cases, p1812_cases, p2108_cases
from tram.rollout.radio.validate.outcome import ValidationResult

__all__ = ("validate",)

_SETS: dict[str, Callable[[Path], ValidationResult]] = {
    "Py1812": p1812_cases.run,
    "Py452": p452_cases.run,
    "NTIA_p2108-test-data": p2108_cases.run,
}


def validate(folder: Path) -> tuple[list[ValidationResult], list[str]]:
    """Run every known set in a folder; return the outcomes and the names of unknown sets.

    The folder may also be one of the sets itself.
    """
    if folder.name in _SETS:
        return [_SETS[folder.name](folder)], []
    outcomes, unknown = [], []
    for path in sorted(item for item in folder.iterdir() if item.is_dir()):
        if path.name in _SETS:
            outcomes.append(_SETS[path.name](path))
        else:
            unknown.append(path.name)
    return outcomes, unknown
