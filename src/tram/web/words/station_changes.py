"""What a change did to a station, in a reader's words: each field with what it was and became."""

from datetime import date

from tram.rollout.inventory.exchange.station_columns import STATION_COLUMNS
from tram.rollout.inventory.stations.views import Life, StationChange
from tram.runtime.i18n import Catalog
from tram.web import formats
from tram.web.words.network import STATION_STATES

__all__ = ("changed_fields",)


def changed_fields(catalog: Catalog, change: StationChange) -> list[str]:
    """Return a line for each field that changed; none where a station came or went."""
    before, after = change.before, change.after
    if before is None or after is None:
        return []
    lines = []
    for field in STATION_COLUMNS:
        old, new = (getattr(image, field.key, None) for image in (before, after))
        if old != new:
            word = field.header_vi if catalog.locale == "vi" else field.header_en
            lines.append(f"{word}: {_said(catalog, old)} → {_said(catalog, new)}")
    if before.sectors != after.sectors:
        lines.append(f"Sector: {len(before.sectors)} → {len(after.sectors)}")
    return lines


def _said(catalog: Catalog, value: object) -> str:
    if value is None or value is False or value == "":
        return formats.NONE_MARK
    if value is True:
        return "✓"
    if isinstance(value, float):
        return formats.number(value, catalog.locale, 6)
    if isinstance(value, tuple):
        return "; ".join(_life(catalog, item) for item in value)
    return formats.day(value, catalog.locale) if isinstance(value, date) else str(value)


def _life(catalog: Catalog, item: Life) -> str:
    state = catalog.gettext(STATION_STATES.get(item.state, item.state))
    return f"{formats.day(item.since, catalog.locale)} {state}"
