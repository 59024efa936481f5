"""The state of the machinery: does the store follow the log, and how far behind is it?"""

import msgspec

from tram.api.http.services import Services
from tram.domain.permissions import Permission
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Unavailable

__all__ = ("SystemFigures", "SystemStatus", "system_status")

_LAG_BLOCKS_MAX = 500
"""More blocks than this waiting: readings come late, which a person should know."""


class SystemFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What the store counted since its folder was made; for operators."""

    rows: int
    messages: int
    series: int
    checkpoint_seq: int
    lag_blocks: int
    doubled_dropped: int
    messages_dropped: int
    conflicting: int
    at_least_once: int
    quarantined: int
    blocks_skipped: int


class SystemStatus(msgspec.Struct, frozen=True, kw_only=True):
    """``state`` is well, late or away; ``figures`` is None without ``ops.read``."""

    state: str
    sentence: str
    figures: SystemFigures | None
    aside: int
    """Entries of the viewer's organisations that a loop has set aside, at most 200."""
    problems: list[str]
    """Parts that are not well, with the reason; for operators."""
    as_of_ms: int


async def system_status(services: Services, viewer: Viewer) -> SystemStatus:
    """Return whether readings arrive and, to operators, the figures behind it."""
    now_ms = services.clock.now_ms()
    is_operator = viewer.may(Permission.OPS_READ)
    aside = (
        await services.registry.set_aside.count_for(viewer)
        if viewer.may(Permission.JOB_READ)
        else 0
    )
    problems = _problems(services) if is_operator else []
    try:
        status = await services.store.status()
    except Unavailable as error:
        return SystemStatus(
            state="away",
            sentence=error.sentence,
            figures=None,
            aside=aside,
            problems=problems,
            as_of_ms=now_ms,
        )
    figures = msgspec.convert(status, SystemFigures, from_attributes=True)
    is_late = status.problem is not None or status.lag_blocks > _LAG_BLOCKS_MAX
    sentence = "Readings come late." if is_late else "Readings arrive."
    return SystemStatus(
        state="late" if is_late else "well",
        sentence=(status.problem or sentence) if is_operator else sentence,
        figures=figures if is_operator else None,
        aside=aside,
        problems=problems,
        as_of_ms=now_ms,
    )


def _problems(services: Services) -> list[str]:
    if services.part_states is None:
        return []
    return [f"{part}: {sentence}" for part, _, sentence in services.part_states.problems()]
