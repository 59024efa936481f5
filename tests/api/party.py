"""One organisation of the tests with what is its own."""

from dataclasses import dataclass, field

from tram.domain.ids import OrgId
from tram.registry.kernel.views import DeviceDetail

__all__ = ("Party",)


@dataclass
class Party:
    """One organisation with what is its own; every text of it carries ``mark``."""

    mark: str
    org: OrgId
    child: OrgId
    devices: list[DeviceDetail] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    credentials: list[int] = field(default_factory=list)
    things: dict[str, int] = field(default_factory=dict)
    enrolment: int = 0
