"""Link budgets: power per resource element downwards, and what a phone reaches upwards.

Resource blocks by channel: 3GPP TS 38.101-1 V17.5.0 Table 5.3.2-1 and TS 36.101 V17.5.0
Table 5.6-1. Noise figure of the base station (5 dB), attenuation factor (0.4) and least SINR
(-10 dB) of the uplink's truncated Shannon bound: 3GPP TR 36.942 V17.0.0 Annex A. Power of a phone:
power class 3 of TS 38.101-1 Table 6.2.1-1.
"""

import math
from dataclasses import dataclass

__all__ = ("Uplink", "power_per_element_dbm", "resource_blocks", "told_db")

_NR_15: dict[float, int] = {5: 25, 10: 52, 15: 79, 20: 106, 25: 133, 30: 160, 40: 216, 50: 270}
_NR_30: dict[float, int] = {
    5: 11, 10: 24, 15: 38, 20: 51, 25: 65, 30: 78, 40: 106, 50: 133, 60: 162, 70: 189, 80: 217,
    90: 245, 100: 273,
}  # fmt: skip
_LTE: dict[float, int] = {1.4: 6, 3: 15, 5: 25, 10: 50, 15: 75, 20: 100}
_BLOCK = 12
_FDD_BELOW_GHZ = 2.3
"""NR bands below this are paired and use 15 kHz here, those above 30 kHz."""
_THERMAL_DBM_HZ = -174.0
_LEAST_SINR_DB = -10.0


def resource_blocks(technology: str, frequency_ghz: float, bandwidth_mhz: float) -> int:
    """Return the resource blocks of the widest channel that fits a bandwidth."""
    nr = _NR_15 if frequency_ghz < _FDD_BELOW_GHZ else _NR_30
    table = nr if technology == "5G" else _LTE
    fitting = [width for width in table if width <= bandwidth_mhz]
    return table[max(fitting) if fitting else min(table)]


def power_per_element_dbm(
    eirp_dbm: float, technology: str, frequency_ghz: float, bandwidth_mhz: float
) -> float:
    """Return the EIRP of one resource element: the sector's, shared by all subcarriers."""
    elements = _BLOCK * resource_blocks(technology, frequency_ghz, bandwidth_mhz)
    return eirp_dbm - 10 * math.log10(elements)


def told_db(level: float) -> float:
    """Return decibels as results tell them, to the hundredth: nobody measures better."""
    return round(level, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uplink:
    """A phone at the cell's edge: its power, the base station's ear, and the rate it must reach.

    ``gain_dbi`` and ``line_db`` are those of the receiving antenna; ``bandwidth_mhz`` the part of
    the channel that the phone is given, ``share_of_time`` the part of the time.
    """

    gain_dbi: float
    line_db: float
    bandwidth_mhz: float
    share_of_time: float
    phone_dbm: float = 23.0
    body_db: float = 3.0
    noise_figure_db: float = 5.0
    interference_db: float = 2.0
    rate_mbps: float = 1.0
    attenuation: float = 0.4

    @property
    def sinr_db(self) -> float:
        """What the rate needs: rate = attenuation * time * bandwidth * log2(1 + SINR)."""
        per_hertz = self.rate_mbps / (self.attenuation * self.share_of_time * self.bandwidth_mhz)
        return max(10 * math.log10(2**per_hertz - 1), _LEAST_SINR_DB)

    @property
    def sensitivity_dbm(self) -> float:
        """The least power at the base station's receiver."""
        noise = _THERMAL_DBM_HZ + 10 * math.log10(1e6 * self.bandwidth_mhz) + self.noise_figure_db
        return noise + self.interference_db + self.sinr_db

    def largest_loss_db(self, gain_dbi: float | None = None) -> float:
        """Return the largest path loss in the antenna's main lobe; ``gain_dbi`` where it is known."""
        gain = self.gain_dbi if gain_dbi is None else gain_dbi
        return self.phone_dbm - self.body_db + gain - self.line_db - self.sensitivity_dbm
