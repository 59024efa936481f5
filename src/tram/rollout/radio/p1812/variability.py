"""How loss varies from place to place within a pixel (P.1812-8 §4.8)."""

from tram.rollout.radio.p1812.normal import inverse_normal

__all__ = ("location_loss_db", "location_sigma_db")

_FADE_M = 10.0


def location_sigma_db(
    frequency_ghz: float, resolution_m: float, rx_height_m: float, clutter_m: float
) -> float:
    """Standard deviation over the places of a pixel, eq. 65 and 66 [dB].

    It fades out over the ten metres above the representative clutter.
    """
    sigma = (0.024 * frequency_ghz + 0.52) * resolution_m**0.28
    share = 1 - (rx_height_m - clutter_m) / _FADE_M
    return float(sigma * min(max(share, 0.0), 1.0))


def location_loss_db(location_percent: float, sigma_db: float) -> float:
    """Loss beyond the median that is not exceeded at this percentage of places, eq. 67 [dB]."""
    return -inverse_normal(location_percent / 100) * sigma_db if sigma_db else 0.0
