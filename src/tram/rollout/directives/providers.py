"""Firms that offer solutions, by sector, with references: what recommendation K3 asked to be named."""

from typing import Any

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.domain.text import fold
from tram.registry.kernel.audit import province_change
from tram.registry.kernel.checks import Checked, search_words
from tram.registry.kernel.database import AnyRow, Database, as_view
from tram.registry.kernel.repository import found_row
from tram.registry.kernel.viewer import Viewer
from tram.rollout.directives.tables import providers
from tram.rollout.directives.views import NewProvider, Offer, Provider
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("Providers",)

WRITE = Permission.DIRECTIVE_WRITE
PROVIDERS_MAX = 5_000
OFFERS_MAX = 20
REFERENCES_MAX = 50
LINE_CHARACTERS_MAX = 500
_TEXTS = (("name", 200, 1), ("contact", 300, 0), ("source", 500, 0))


class Providers:
    """The register of firms; it starts empty and never holds a person."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list(
        self, viewer: Viewer, *, search: str = "", sector: str | None = None
    ) -> list[Provider]:
        """Return firms by name; ``search`` ignores accents and looks into offers too."""
        viewer.needs(Permission.DIRECTIVE_READ)
        chosen = [providers.c.folded.contains(w, autoescape=True) for w in search_words(search)]
        statement = (
            select(providers)
            .where(providers.c.removed_ms.is_(None), *chosen)
            .order_by(providers.c.folded, providers.c.id)
        )
        async with self._database.read() as connection:
            found = [_view(row) for row in await connection.execute(statement)]
        return [
            firm
            for firm in found
            if sector is None or any(offer.sector == sector for offer in firm.offers)
        ]

    async def one(self, viewer: Viewer, provider: int) -> Provider:
        """Return one firm, also a removed one; ``provider.unknown`` when there is none."""
        viewer.needs(Permission.DIRECTIVE_READ)
        async with self._database.read() as connection:
            return _view(await _found(connection, provider))

    async def create(self, viewer: Viewer, new: NewProvider) -> Provider:
        """Register a firm."""
        values = _checked(new)
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            counting = select(func.count()).select_from(providers)
            if (await change.connection.execute(counting)).scalar_one() >= PROVIDERS_MAX:
                raise Refused(
                    "provider.too_many", f"The register holds {PROVIDERS_MAX} firms already."
                )
            inserted = await change.connection.execute(
                insert(providers).values(values).returning(*providers.c)
            )
            made = _view(inserted.one())
            await change.note("provider.create", made.id, after=made)
            return made

    async def change(self, viewer: Viewer, provider: int, edit: NewProvider) -> Provider:
        """Replace all that is known of a firm."""
        return await self._update(viewer, provider, _checked(edit), "provider.change")

    async def remove(self, viewer: Viewer, provider: int) -> None:
        """Take a firm out of the list; a second time changes nothing."""
        if (await self.one(viewer, provider)).removed_ms is None:
            values = {"removed_ms": self._clock.now_ms()}
            await self._update(viewer, provider, values, "provider.remove")

    async def _update(
        self, viewer: Viewer, provider: int, values: dict[str, Any], action: str
    ) -> Provider:
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            old = _view(await _found(change.connection, provider))
            changed = await change.connection.execute(
                update(providers)
                .where(providers.c.id == provider)
                .values(values)
                .returning(*providers.c)
            )
            made = _view(changed.one())
            await change.note(action, provider, old, made)
            return made


def _checked(new: NewProvider) -> dict[str, Any]:
    checked = Checked()
    checked.bounded(new)
    values: dict[str, Any] = {
        name: checked.prose(name, getattr(new, name), longest, shortest)
        for name, longest, shortest in _TEXTS
    }
    checked.unless(0 < len(new.offers) <= OFFERS_MAX, "offers", "offers.count")
    offers = []
    for offer in new.offers:
        checked.choice("offers.sector", offer.sector, SECTORS)
        text = checked.prose("offers.text", offer.text, LINE_CHARACTERS_MAX)
        offers.append({"sector": offer.sector, "text": text})
    few = len(new.references) <= REFERENCES_MAX
    checked.unless(few, "references", "references.too_many", most=REFERENCES_MAX)
    references = [
        checked.prose("references", line, LINE_CHARACTERS_MAX) for line in new.references
    ]
    checked.done(Refused("provider.wrong", "The firm cannot be kept like this."))
    words = [values["name"], *(offer["text"] for offer in offers)]
    return {**values, "offers": offers, "references": references, "folded": fold(" ".join(words))}


async def _found(connection: AsyncConnection, provider: int) -> AnyRow:
    missing = Refused("provider.unknown", "There is no such firm.", "Look at the list of firms.")
    return await found_row(
        connection, select(providers).where(providers.c.id == provider), missing
    )


def _view(row: AnyRow) -> Provider:
    return as_view(Provider, row, offers=msgspec.convert(row.offers, list[Offer]))
