"""How many live views are open: of a person, an address, an organisation and in all.

Every organisation has some places that nobody else can take, so one that opens as many views as it
may leaves room for the others.
"""

from collections import Counter
from typing import Final

from tram.domain.addresses import neighbourhood
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Unavailable

__all__ = ("LiveQuota", "Seat")

SHARED_MAX: Final = 2_000
"""Views in this process beyond the guaranteed ones."""
GUARANTEED: Final = 20
"""Views of each organisation that the shared places do not bound."""
PROCESS_MAX: Final = 3_000
"""Views in this process in all."""
PER_ORG_MAX: Final = 500
PER_PERSON_MAX: Final = 50
"""Tabs of one person, or connections of one token."""
PER_ADDRESS_MAX: Final = 600
"""An office shares one address."""

Seat = tuple[tuple[str, object], ...]
"""What one view is counted under."""


class LiveQuota:
    """Counts the views of this process."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, object]] = Counter()

    def take(self, viewer: Viewer, address: str) -> Seat:
        """Count one view more; give its seat back at the end.

        Raises:
            Unavailable: ``live.full`` when a person, address, organisation or the process has no
                more places.
        """
        who = ("person", viewer.person) if viewer.token is None else ("token", viewer.token)
        org, place = ("org", viewer.org), ("address", neighbourhood(address))
        self._must_have_room(who, PER_PERSON_MAX)
        self._must_have_room(place, PER_ADDRESS_MAX)
        self._must_have_room(org, PER_ORG_MAX)
        self._must_have_room(("all", None), PROCESS_MAX)
        seat: list[tuple[str, object]] = [who, org, place, ("all", None)]
        if self._counts[org] >= GUARANTEED:
            self._must_have_room(("shared", None), SHARED_MAX)
            seat.append(("shared", None))
        self._counts.update(seat)
        return tuple(seat)

    def give_back(self, seat: Seat) -> None:
        """Count one view less."""
        self._counts.subtract(seat)
        for kind in seat:
            if self._counts[kind] <= 0:
                del self._counts[kind]

    def _must_have_room(self, kind: tuple[str, object], most: int) -> None:
        if self._counts[kind] >= most:
            raise Unavailable("live.full", "Too many live views are open.", "Close some tabs.", 10)
