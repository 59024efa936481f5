"""What registers itself: modules below a package, and packages from elsewhere by an entry point."""

from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import walk_packages
from typing import Any

__all__ = ("registered",)


def registered(package: str, attribute: str) -> list[Any]:
    """Return that attribute of every module below a package that has it, in order of the modules.

    An installed package from elsewhere adds its own by an entry point whose group is the package's
    name; they follow in order of their names.
    """
    root = import_module(package)
    inner = [import_module(found.name) for found in walk_packages(root.__path__, f"{package}.")]
    outer = sorted(entry_points(group=package), key=lambda point: point.name)
    return [
        *(getattr(module, attribute) for module in inner if hasattr(module, attribute)),
        *(point.load() for point in outer),
    ]
