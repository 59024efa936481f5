"""What a child finds loaded before it looks at a file: nothing is imported here that could load it."""

import sys

import msgspec

__all__ = ("Libraries", "loaded")


class Libraries(msgspec.Struct, frozen=True):
    """Libraries by their names."""

    names: list[str]


def loaded(asked: Libraries) -> list[str]:
    """Return those of the libraries that are loaded."""
    return [name for name in asked.names if name in sys.modules]
