"""What a prediction used: sectors as they were taken, what was assumed for them, both budgets."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from statistics import median

from tram.rollout.coverage.antennas import (
    Patterns,
    is_measured,
    pattern_of,
    tilt_of,
    uplink_loss_db,
)
from tram.rollout.coverage.budget import told_db
from tram.rollout.coverage.network import BANDS, RadioSector
from tram.rollout.coverage.results import Budget, Serving

__all__ = ("assumed_in", "assumed_of", "budget_of", "serving_of")


def assumed_in(sector: RadioSector, patterns: Patterns) -> list[str]:
    """Return what was assumed for a sector; an antenna without a pattern of its name is, too."""
    antenna = frozenset() if is_measured(sector, patterns) else {"antenna"}
    return sorted(sector.assumed | antenna)


def serving_of(sectors: Sequence[RadioSector], patterns: Patterns) -> list[Serving]:
    """Return the sectors of a layer by their numbers, with what they were predicted with."""
    found = []
    for number, sector in enumerate(sectors):
        pattern = pattern_of(sector, patterns)
        eirp = BANDS[sector.band].eirp_dbm if sector.eirp_dbm is None else sector.eirp_dbm
        found.append(
            Serving(
                number=number,
                station=sector.station,
                sector=sector.code,
                lon=sector.lon,
                lat=sector.lat,
                height_m=sector.height_m,
                azimuth_deg=sector.azimuth_deg,
                tilt_deg=tilt_of(sector, pattern),
                eirp_dbm=told_db(eirp),
                carrier_ghz=sector.frequency_ghz,
                antenna=pattern.name,
                assumed=assumed_in(sector, patterns),
            )
        )
    return found


def assumed_of(serving: Sequence[Serving]) -> dict[str, int]:
    """Count the sectors for which each thing was assumed, the most frequent first."""
    return dict(Counter(word for sector in serving for word in sector.assumed).most_common())


def budget_of(sectors: Sequence[RadioSector], patterns: Patterns, edge_dbm: float) -> Budget:
    """Return the budgets of a layer's sectors, all of one band."""
    uplink = BANDS[sectors[0].band].uplink
    eirp = median(sector.eirp_re_dbm for sector in sectors)
    up = median(uplink_loss_db(sector, pattern_of(sector, patterns)) for sector in sectors)
    gain = median(_gain_dbi(sector, patterns) for sector in sectors)
    down = eirp - edge_dbm
    of_uplink = asdict(uplink) | {"gain_dbi": told_db(gain)}
    del of_uplink["attenuation"]
    return Budget(
        eirp_re_dbm=told_db(eirp),
        downlink_db=told_db(down),
        uplink_db=told_db(up),
        weaker="uplink" if up < down else "downlink",
        sinr_db=told_db(uplink.sinr_db),
        **of_uplink,
    )


def _gain_dbi(sector: RadioSector, patterns: Patterns) -> float:
    gain = pattern_of(sector, patterns).gain_dbi
    return BANDS[sector.band].uplink.gain_dbi if gain is None else gain
