"""Organisations as a tree."""

import msgspec

from tram.api.services import Services
from tram.registry.viewer import Viewer

__all__ = (
    "NewOrganisationForm",
    "OrganisationItem",
    "OrganisationList",
    "create_organisation",
    "list_organisations",
)


class OrganisationItem(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation; ``depth`` is 0 for the highest that the viewer sees."""

    id: int
    parent: int | None
    name: str
    kind: str
    code: str
    depth: int


class OrganisationList(msgspec.Struct, frozen=True):
    """The viewer's part of the tree, parents before children."""

    items: list[OrganisationItem]
    as_of_ms: int


class NewOrganisationForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organisation to add below another."""

    parent: int
    name: str
    kind: str
    code: str = ""


async def list_organisations(services: Services, viewer: Viewer) -> OrganisationList:
    """Return the organisations that the viewer may see."""
    raise NotImplementedError


async def create_organisation(
    services: Services, viewer: Viewer, form: NewOrganisationForm
) -> OrganisationItem:
    """Add an organisation."""
    raise NotImplementedError
