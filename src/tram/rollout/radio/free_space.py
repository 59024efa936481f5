"""Free-space loss, Recommendation ITU-R P.525-4 §2.3."""

import math

__all__ = ("VERSION", "free_space_db")

VERSION = "ITU-R P.525-4"


def free_space_db(frequency_ghz: float, distance_km: float) -> float:
    """Loss between isotropic antennas, eq. 4 [dB]."""
    return 92.4 + 20 * math.log10(frequency_ghz) + 20 * math.log10(distance_km)
