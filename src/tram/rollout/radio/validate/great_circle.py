"""Points along a great circle (P.1812-8 Annex 1 Attachment 3, P.452-18 Annex 1 Appendix 2)."""

import math

from tram.rollout.radio.p1812.inputs import EARTH_RADIUS_KM

__all__ = ("latitude_along_deg",)


def latitude_along_deg(ends: tuple[float, ...], way_km: float) -> float:
    """Latitude after so many km; ``ends`` is latitude and longitude of start and end [deg]."""
    lat1, lon1, lat2, lon2 = (math.radians(value) for value in ends)
    east = math.cos(lat2) * math.sin(lon2 - lon1)
    north = math.cos(lat1) * math.sin(lat2)
    north -= math.sin(lat1) * math.cos(lat2) * math.cos(lon2 - lon1)
    bearing = math.atan2(east, north)
    arc = way_km / EARTH_RADIUS_KM
    sine = math.sin(lat1) * math.cos(arc)
    sine += math.cos(lat1) * math.sin(arc) * math.cos(bearing)
    return math.degrees(math.asin(sine))
