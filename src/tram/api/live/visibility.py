"""How far a viewer sees in live frames: the same rule as in SQL, over sets held for moments.

A frame's line carries organisation, zone and sector; a scope reaches it through its subtree of
organisations or through a live loan, and only where its own zone and sector allow.
"""

from dataclasses import dataclass

from tram.domain.ids import OrgId
from tram.domain.permissions import Permission
from tram.fleet.store.views import LiveChange, LiveState
from tram.registry.kernel.viewer import Scope, Viewer, system_viewer
from tram.registry.registry import Registry
from tram.runtime.clock import Clock

__all__ = ("DeviceVisibility", "VisibilityCache", "VisibilityKey", "visibility_key")

VisibilityKey = tuple[tuple[int, int | None, str | None], ...]
"""Viewers with equal keys see the same live frames."""

_KEEP_S = 2.0
_ORGS_KEPT_MAX = 1_000


@dataclass(frozen=True, slots=True)
class _Part:
    """One scope: its subtree, and what was lent into it (device → metrics, None for all)."""

    orgs: frozenset[int]
    lent: dict[int, frozenset[str] | None]
    zone: int | None
    sector: str | None

    def sees(self, line: LiveChange | LiveState) -> bool:
        """Return whether the line lies within this scope."""
        if self.zone not in {None, line.zone} or self.sector not in {None, line.sector}:
            return False
        if line.org in self.orgs:
            return True
        if line.device not in self.lent:
            return False
        metrics = self.lent[line.device]
        return metrics is None or isinstance(line, LiveState) or line.metric in metrics


@dataclass(frozen=True, slots=True)
class DeviceVisibility:
    """All scopes of a viewer that may read devices."""

    parts: tuple[_Part, ...]

    def sees(self, line: LiveChange | LiveState) -> bool:
        """Return whether any scope reaches the line."""
        return any(part.sees(line) for part in self.parts)


def visibility_key(viewer: Viewer) -> VisibilityKey:
    """Return what decides a viewer's reach."""
    return tuple(sorted(set(map(_place, _reading(viewer))), key=str))


class VisibilityCache:
    """Looks reaches up in the registry, each organisation at most once every two seconds."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock
        self._kept: dict[
            OrgId, tuple[float, frozenset[int], dict[int, frozenset[str] | None]]
        ] = {}

    async def of(self, viewer: Viewer) -> DeviceVisibility:
        """Return the viewer's reach, at most two seconds old."""
        parts = []
        for scope in _reading(viewer):
            _, orgs, lent = await self._subtree(scope.org)
            parts.append(_Part(orgs, lent, scope.zone, scope.sector))
        return DeviceVisibility(tuple(parts))

    async def _subtree(
        self, org: OrgId
    ) -> tuple[float, frozenset[int], dict[int, frozenset[str] | None]]:
        kept = self._kept.get(org)
        now_s = self._clock.monotonic_s()
        if kept is None or kept[0] <= now_s - _KEEP_S:
            whole = system_viewer(org)
            orgs = frozenset(row.id for row in await self._registry.organisations.tree(whole))
            kept = (now_s, orgs, await self._lent(whole, orgs))
            if len(self._kept) >= _ORGS_KEPT_MAX:
                self._kept.clear()
            self._kept[org] = kept
        return kept

    async def _lent(self, whole: Viewer, orgs: frozenset[int]) -> dict[int, frozenset[str] | None]:
        lent: dict[int, frozenset[str] | None] = {}
        for loan in await self._registry.grants.list(whole):
            if loan.to_org not in orgs:
                continue
            before = lent.get(loan.device, frozenset())
            if before is None or loan.metric is None:
                lent[loan.device] = None
            else:
                lent[loan.device] = before | {loan.metric}
        return lent


def _reading(viewer: Viewer) -> list[Scope]:
    return [scope for scope in viewer.scopes if Permission.DEVICE_READ in scope.permissions]


def _place(scope: Scope) -> tuple[int, int | None, str | None]:
    return (scope.org, scope.zone, scope.sector)
