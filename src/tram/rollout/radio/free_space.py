"""Free-space loss, Recommendation ITU-R P.525-4 §2.3."""

import math

__all__ = ("free_space_db",)


def free_space_db(frequency_ghz: float, distance_km: float) -> float:
    """Loss between isotropic antennas, eq. 4 [dB]."""
    return 92.4 + 20 * math.log10(frequency_ghz) + 20 * math.log10(distance_km)
