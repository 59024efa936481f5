"""The normal distribution as the recommendations approximate it (P.1812-8 Attachment 2)."""

import math

__all__ = ("inverse_normal", "time_interpolation")

_LEAST = 1e-6
_MEDIAN_PERCENT = 50.0


def inverse_normal(share: float) -> float:
    """Return I(x), the inverse complementary cumulative normal distribution, for 0 < x < 1."""
    if share > 0.5:  # the median
        return -inverse_normal(1 - share)
    t = math.sqrt(-2 * math.log(max(share, _LEAST)))
    above = (0.010328 * t + 0.802853) * t + 2.515516698
    below = ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1
    return t - above / below


def time_interpolation(time_percent: float, beta0_percent: float) -> float:
    """Return F_i: the share of the way from the median to the beta0 case, eq. 40."""
    if time_percent >= _MEDIAN_PERCENT:
        return 0.0
    if time_percent <= beta0_percent:
        return 1.0
    return inverse_normal(time_percent / 100) / inverse_normal(beta0_percent / 100)
