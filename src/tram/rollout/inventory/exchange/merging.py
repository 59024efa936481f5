"""A draft laid over what is known: only what the list says changes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from msgspec.structs import replace

from tram.rollout.inventory.exchange.plan import ImportPlan, StationDraft
from tram.rollout.inventory.stations.views import Life, Sector, StationImage

__all__ = ("merge",)

_NOT_PLAIN = {"operator", "technology", "code", "life", "sectors"}
_PLAIN = [name for name in StationImage.__struct_fields__ if name not in _NOT_PLAIN]


def merge(draft: StationDraft, plan: ImportPlan, known: StationImage | None) -> StationImage:
    """Return the station as it is after the list."""
    given = {name: draft.given[name] for name in _PLAIN if name in draft.given}
    life = _life(draft.given, plan, known.life if known else ())
    sectors = _sectors(draft, known.sectors if known else ())
    if known is None:
        return StationImage(
            operator=draft.operator,
            technology=draft.technology,
            code=draft.code,
            life=life,
            sectors=sectors,
            **given,
        )
    return replace(known, life=life, sectors=sectors, **given)


def _sectors(draft: StationDraft, known: tuple[Sector, ...]) -> tuple[Sector, ...]:
    """Return the sectors: those of the list, each laid over what is known of it.

    A list with a column of sectors, but none for this station, says nothing about them.
    """
    if not draft.sectors:
        return known
    by_code = {sector.code: sector for sector in known}
    made = []
    for item in draft.sectors:
        values = {name: value for name, value in item.items() if name != "sector"}
        old = by_code.get(item["sector"], Sector(code=item["sector"]))
        made.append(replace(old, **values))
    return tuple(sorted(made, key=lambda sector: sector.code))


def _life(given: Mapping[str, Any], plan: ImportPlan, known: tuple[Life, ...]) -> tuple[Life, ...]:
    """Return the states by day.

    Stated dates correct the last entry of their state; a state without a date begins on the day of
    the list, unless the station was in it already.
    """
    if "life" in given:
        return tuple(msgspec.convert(given["life"], tuple[Life, ...]))
    life = {item.since: item.state for item in known}
    on_air, off = given.get("on_air_on"), given.get("off_on")
    if on_air is not None and on_air <= plan.as_of:
        _correct(life, "on-air", on_air)
    if off is not None and off <= plan.as_of:
        _correct(life, "off", off)
    state = given.get("state") or _implied(life, plan, on_air)
    if _state_on(life, plan.as_of) != state:
        life[plan.as_of] = state
    return tuple(Life(since, life[since]) for since in sorted(life))


def _implied(life: Mapping[date, str], plan: ImportPlan, on_air: date | None) -> str:
    """Return the state of a station whose list gives none."""
    if on_air is not None and on_air > plan.as_of:
        return "planned"
    return _state_on(life, plan.as_of) or plan.state


def _correct(life: dict[date, str], state: str, since: date) -> None:
    """Let the last entry of a state begin on another day."""
    last = max((day for day, name in life.items() if name == state), default=None)
    if last is not None:
        del life[last]
    life[since] = state


def _state_on(life: Mapping[date, str], day: date) -> str:
    before = [since for since in life if since <= day]
    return life[max(before)] if before else ""
