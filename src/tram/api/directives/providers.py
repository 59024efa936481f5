"""Solution providers: which organisation offers what for which sector, with references."""

import msgspec

from tram.api.http.paging import LIMIT_MAX, cut
from tram.api.http.parameters import Cursor, PageLimit
from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer
from tram.rollout.directives.views import NewProvider, Provider

__all__ = (
    "ProviderFilter",
    "ProviderList",
    "change_provider",
    "create_provider",
    "list_providers",
    "remove_provider",
    "show_provider",
)


class ProviderList(msgspec.Struct, frozen=True):
    """One page of providers."""

    items: list[Provider]
    next: str | None
    as_of_ms: int


class ProviderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which providers to list: words in name or offer, and a sector that they serve."""

    search: str = ""
    sector: str | None = None


async def list_providers(
    services: Services,
    viewer: Viewer,
    wanted: ProviderFilter,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_MAX,
) -> ProviderList:
    """Return the providers that match."""
    found = await services.directives.providers.list(
        viewer, search=wanted.search, sector=wanted.sector
    )
    rows, following = cut(found, cursor, limit)
    return ProviderList(rows, following, services.clock.now_ms())


async def show_provider(services: Services, viewer: Viewer, provider: int) -> Provider:
    """Return one provider.

    Raises:
        Refused: ``provider.unknown``.
    """
    return await services.directives.providers.one(viewer, provider)


async def create_provider(services: Services, viewer: Viewer, form: NewProvider) -> Provider:
    """Register a provider; its contact is an organisation's, never a person's.

    Raises:
        Refused: with every wrong field.
    """
    return await services.directives.providers.create(viewer, form)


async def change_provider(
    services: Services, viewer: Viewer, provider: int, form: NewProvider
) -> Provider:
    """Change what is registered.

    Raises:
        Refused: ``provider.unknown``, or with every wrong field.
    """
    return await services.directives.providers.change(viewer, provider, form)


async def remove_provider(services: Services, viewer: Viewer, provider: int) -> None:
    """Take a provider off the list.

    Raises:
        Refused: ``provider.unknown``.
    """
    await services.directives.providers.remove(viewer, provider)
