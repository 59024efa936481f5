"""What a rule names by number: everything must be within reach of its writer and of its organisation.

What is beyond is refused in the same words as what does not exist.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeGuard

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.bounds import is_number
from tram.domain.permissions import Permission
from tram.fleet.alarms.tables import chains
from tram.fleet.alarms.views import RuleContent
from tram.fleet.rules.kinds import Compare, RuleScope
from tram.registry.kernel.access import grant_is_live, is_readable, org_is_visible, zone_is_visible
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.tables import devices, grants, org_closure, zones
from tram.registry.kernel.viewer import Viewer
from tram.registry.sharing.tables import groups
from tram.runtime.errors import Fault
from tram.runtime.messages import Param

__all__ = ("check_chain", "check_references")

_ROOM: Final = 500
_NOTHING: Final = RuleScope()


class _VisibleThings:
    """Asks for one viewer and one organisation, and notes what is beyond them."""

    def __init__(
        self, connection: AsyncConnection, viewer: Viewer, org: int, checked: Checked
    ) -> None:
        self._connection = connection
        self._viewer = viewer
        self._below = select(org_closure.c.descendant).where(org_closure.c.ancestor == org)
        self._above = select(org_closure.c.ancestor).where(org_closure.c.descendant == org)
        self._checked = checked

    async def devices(self, numbers: Sequence[int], now_ms: int) -> None:
        """Note the first device that is not the organisation's own."""
        there: set[int] = set()
        for start in range(0, len(numbers), _ROOM):
            some = numbers[start : start + _ROOM]
            found = await self._connection.execute(
                select(devices.c.id).where(
                    devices.c.id.in_(some), devices.c.removed_ms.is_(None),
                    devices.c.org_id.in_(self._below), is_readable(self._viewer, now_ms),
                )
            )  # fmt: skip
            there |= set(found.scalars())
        missing = next((number for number in numbers if number not in there), None)
        if missing is not None:
            self._beyond("devices", "device.not_found", number=missing)

    async def compared(self, device: int, metric: str, now_ms: int) -> None:
        """Note a device to compare with that is neither the organisation's own nor lent to it."""
        lent = select(grants.c.device_id).where(
            grant_is_live(now_ms), grants.c.device_id == device,
            grants.c.to_org.in_(self._below),
            or_(grants.c.metric.is_(None), grants.c.metric == metric),
        )  # fmt: skip
        asked = select(devices.c.id).where(
            devices.c.id == device, devices.c.removed_ms.is_(None),
            or_(devices.c.org_id.in_(self._below), devices.c.id.in_(lent)),
            is_readable(self._viewer, now_ms),
        )  # fmt: skip
        await self._must_be(asked, "other_device", "device.without_metric", number=device)

    async def group(self, group: int) -> None:
        """Note a group that is neither of the organisation's tree nor of those above it."""
        asked = select(groups.c.id).where(
            groups.c.id == group, groups.c.removed_ms.is_(None),
            or_(groups.c.org_id.in_(self._below), groups.c.org_id.in_(self._above)),
            org_is_visible(self._viewer, Permission.DEVICE_READ, groups.c.org_id),
        )  # fmt: skip
        await self._must_be(asked, "group", "group.not_found")

    async def zone(self, zone: int) -> None:
        """Note a zone that is not there."""
        asked = select(zones.c.id).where(zones.c.id == zone, zone_is_visible(self._viewer))
        await self._must_be(asked, "zone", "zone.not_found")

    async def _must_be(self, asked: Select[Any], field: str, code: str, **params: Param) -> None:
        if (await self._connection.execute(asked)).first() is None:
            self._beyond(field, code, **params)

    def _beyond(self, field: str, code: str, **params: Param) -> None:
        self._checked.faults.append(Fault(field, code, params))


async def check_references(  # noqa: PLR0913  # who asks, for whom, what, and what was there
    connection: AsyncConnection,
    viewer: Viewer,
    org: int,
    content: RuleContent,
    checked: Checked,
    *,
    now_ms: int,
    before: RuleScope = _NOTHING,
) -> None:
    """Note everything that a rule names and that its writer or its organisation does not visible.

    What the scope named ``before`` may stay: it chooses among the organisation's own devices only,
    whenever it is judged.
    """
    visible = _VisibleThings(connection, viewer, org, checked)
    scope, spec = content.scope, content.spec
    known = set(before.devices or ())
    named = [n for n in dict.fromkeys(scope.devices or ()) if is_number(n) and n not in known]
    await visible.devices(named, now_ms)
    if _is_new(scope.group, before.group):
        await visible.group(scope.group)
    if _is_new(scope.zone, before.zone):
        await visible.zone(scope.zone)
    if isinstance(spec, Compare) and _is_new(spec.other_device, None):
        await visible.compared(spec.other_device, spec.other, now_ms)


async def check_chain(
    connection: AsyncConnection, chain: int | None, org: int, checked: Checked
) -> None:
    """Note a chain that is neither the organisation's own nor one of those above it."""
    if chain is None:
        return
    above = select(org_closure.c.ancestor).where(org_closure.c.descendant == org)
    there: ColumnElement[bool] = and_(
        chains.c.id == chain, chains.c.removed_ms.is_(None), chains.c.org_id.in_(above)
    )
    is_there = (
        is_number(chain) and (await connection.execute(select(chains.c.id).where(there))).first()
    )
    checked.unless(is_there, "chain", "chain.not_found")


def _is_new(number: int | None, before: int | None) -> TypeGuard[int]:
    return number is not None and number != before and is_number(number)
