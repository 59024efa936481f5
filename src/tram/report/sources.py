"""Everything that a letter is made from and examined by, as it was known on one day."""

from datetime import date
from decimal import Decimal

import msgspec

from tram.domain.province import Province
from tram.rollout.directives.views import Document, Recommendation, Task
from tram.rollout.inventory.views import CountTable, TargetProgress

__all__ = ("DeviceFigures", "SectorFigures", "Sources")


class SectorFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The real devices of one sector: ``places`` are distinct positions.

    ``active_days`` counts the days of the period on which a device had readings, of all devices
    together (None while the store cannot tell); ``registered_days`` those that it could have had.
    """

    sector: str
    places: int
    devices: int
    registered_days: int
    active_days: int | None

    @property
    def active_percent(self) -> Decimal | None:
        """Share of the registered days with readings."""
        return _percent(self.active_days, self.registered_days)


class DeviceFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The platform's own counts; simulated devices are counted apart and never in a letter."""

    sectors: list[SectorFigures]
    synthetic: int

    @property
    def devices(self) -> int:
        """Real devices of all sectors."""
        return sum(sector.devices for sector in self.sectors)

    @property
    def active_percent(self) -> Decimal | None:
        """Share of the registered days with readings; None while any sector's is unknown."""
        known = [s.active_days for s in self.sectors if s.active_days is not None]
        if len(known) < len(self.sectors):
            return None
        return _percent(sum(known), sum(sector.registered_days for sector in self.sectors))


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """The province, its registers and counts as of ``as_of``; ``before`` is the table as of ``since``."""

    province: Province
    as_of: date
    since: date
    counts: CountTable
    before: CountTable
    standings: list[TargetProgress]
    documents: list[Document]
    tasks: list[Task]
    recommendations: list[Recommendation]
    devices: DeviceFigures
    texts: dict[str, str]

    @property
    def request(self) -> Document | None:
        """The document that the letter answers, if the register has it."""
        return self.document(self.province.letter.answers)

    def document(self, key: str) -> Document | None:
        """Return a document by its key, if the register has it."""
        return next((document for document in self.documents if document.key == key), None)

    def progress(self, indicator: str) -> TargetProgress | None:
        """Return how the next target of an indicator stands; after all deadlines, the last one."""
        found = [s for s in self.standings if s.target.indicator == indicator]
        ahead = [s for s in found if s.target.deadline >= self.as_of]
        if ahead:
            return min(ahead, key=lambda s: s.target.deadline)
        return max(found, key=lambda s: s.target.deadline, default=None)


def _percent(part: int | None, whole: int) -> Decimal | None:
    return Decimal(part) * 100 / Decimal(whole) if part is not None and whole else None
