"""Paths and links that the tests of P.1812 share."""

import numpy as np
from hypothesis import strategies as st

from tram.rollout.radio.p1812.inputs import INLAND, PathParameters, PathProfile

__all__ = ("flat", "hills", "link", "mirrored", "over")


def over(ground, length_km=10.0, *, clutter=None, zone=None) -> PathProfile:
    """Equal steps over this ground."""
    ground = np.array(ground, float)
    return PathProfile(
        np.linspace(0, length_km, len(ground)),
        ground,
        np.zeros(len(ground)) if clutter is None else np.array(clutter, float),
        np.full(len(ground), INLAND, np.uint8) if zone is None else np.array(zone, np.uint8),
    )


def flat(length_km: float, step_km: float) -> PathProfile:
    """Bare inland ground at sea level, for checks against closed forms."""
    return over(np.zeros(round(length_km / step_km) + 1), length_km)


def link(**more) -> PathParameters:
    values = {"frequency_ghz": 2.6, "tx_height_m": 30, "rx_height_m": 10, **more}
    return PathParameters(**values)


def mirrored(profile: PathProfile) -> PathProfile:
    return PathProfile(
        profile.length_km - profile.distance_km[::-1],
        profile.ground_m[::-1],
        profile.clutter_m[::-1],
        profile.zone[::-1],
    )


hills = st.lists(st.floats(0, 400), min_size=5, max_size=40)
