"""When files changed, while others may take them away."""

from pathlib import Path

__all__ = ("changed_s",)


def changed_s(path: Path) -> float | None:
    """Return when a file last changed, in seconds since 1970; None if it is gone."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return None
