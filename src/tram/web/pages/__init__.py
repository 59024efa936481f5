"""The pages: a folder per noun. A module brings its routes: every handler that it defines is one."""

from importlib import import_module
from pkgutil import walk_packages

from litestar.handlers import HTTPRouteHandler

__all__ = ("page_routes",)


def page_routes() -> list[HTTPRouteHandler]:
    """Return the handlers of all modules in these folders."""
    names = sorted(module.name for module in walk_packages(__path__, f"{__name__}."))
    return [
        value
        for name in names
        for value in vars(import_module(name)).values()
        if isinstance(value, HTTPRouteHandler) and value.fn.__module__ == name
    ]
