"""Organisations as a tree."""

import msgspec

from tram.api.http.paging import LIMIT_MAX, cut
from tram.api.http.parameters import Cursor, PageLimit
from tram.api.http.services import Services
from tram.domain.bounds import Line, Number
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import NewOrganisation, Organisation

__all__ = (
    "NewOrganisationForm",
    "OrganisationItem",
    "OrganisationList",
    "create_organisation",
    "list_organisations",
    "list_recipients",
)


class OrganisationItem(Organisation, frozen=True, kw_only=True):
    """An organisation; ``depth`` counts from the top of what the viewer may see."""


class OrganisationList(msgspec.Struct, frozen=True):
    """One page of the viewer's part of the tree, parents before children."""

    items: list[OrganisationItem]
    next: str | None
    as_of_ms: int


class NewOrganisationForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organisation to add below another."""

    parent: Number
    name: Line
    kind: Line
    code: Line


async def list_organisations(
    services: Services, viewer: Viewer, cursor: Cursor = None, limit: PageLimit = LIMIT_MAX
) -> OrganisationList:
    """Return the organisations that the viewer may see."""
    rows, following = cut(await services.registry.organisations.tree(viewer), cursor, limit)
    return OrganisationList([_item(row) for row in rows], following, services.clock.now_ms())


async def create_organisation(
    services: Services, viewer: Viewer, form: NewOrganisationForm
) -> OrganisationItem:
    """Add an organisation.

    Raises:
        Refused: with every wrong field.
    """
    wanted = msgspec.convert(form, NewOrganisation, from_attributes=True)
    return _item(await services.registry.organisations.create(viewer, wanted))


async def list_recipients(services: Services, viewer: Viewer) -> list[tuple[int, str]]:
    """Return number and name of the organisations that may be lent to: those of the province's tree.

    Who may lend must be able to name the other side; names and kinds of organisations are public,
    of enterprises and cooperatives only one's own are shown.
    """
    found = await services.registry.organisations.recipients(viewer)
    return [(org.id, org.name) for org in found]


def _item(row: Organisation) -> OrganisationItem:
    return OrganisationItem(**msgspec.structs.asdict(row))
