"""How the simulated measurements move: by metric, over the day, with an instrument's unrest."""

import math
import random
from dataclasses import dataclass

from tram.domain.days import DAY_MS, HOUR_MS, VIETNAM_MS
from tram.domain.reading import Value

__all__ = ("SHAPES", "SimulatedSeries", "Waveform", "shape_of")

_MEMORY = 0.92  # share of the deviation that survives to the next reading


@dataclass(frozen=True, slots=True)
class Waveform:
    """A mean, a daily swing that peaks at ``peak_h`` (local hour), and noise, within bounds.

    ``grows`` makes a meter: the value is what is added per hour.
    """

    mean: float
    swing: float = 0.0
    noise: float = 0.0
    low: float = 0.0
    high: float = math.inf
    peak_h: float = 14.0
    digits: int = 2
    grows: bool = False
    whole: bool = False


SHAPES: dict[str, Waveform] = {
    # wastewater
    "ph": Waveform(7.2, 0.1, 0.06, 0, 14),
    "temp": Waveform(29, 1.5, 0.2),
    "cod": Waveform(52, 8, 4),
    "tss": Waveform(38, 6, 4),
    "nh4": Waveform(3.1, 0.6, 0.3),
    "flow": Waveform(118, 20, 6),
    # fields
    "soil_moisture": Waveform(31, 3, 0.6, 0, 100, peak_h=5),
    "soil_temperature": Waveform(26, 2, 0.2),
    "air_temperature": Waveform(27, 5, 0.5, -10, 60),
    "air_humidity": Waveform(78, 12, 1.5, 5, 100, peak_h=4),
    "rain": Waveform(0.2, 0.2, 0.3),
    # roads
    "vehicles": Waveform(820, 610, 90, peak_h=17, whole=True),
    "speed": Waveform(41, -6, 2.5, 3, 120, peak_h=17),
    "occupancy": Waveform(18, 13, 3, 0, 100, peak_h=17),
    # energy
    "power": Waveform(640, 280, 30),
    "energy": Waveform(640, grows=True),
    "voltage": Waveform(229, 3, 0.8, digits=1),
    "current": Waveform(92, 40, 4),
    "power_factor": Waveform(0.93, 0.01, 0.006, 0, 1, digits=3),
    # labour safety
    "co": Waveform(4, 1, 0.8),
    "h2s": Waveform(0.6, 0.1, 0.2),
    "o2": Waveform(20.9, 0, 0.05, 0, 25),
    "wbgt": Waveform(28, 3, 0.4),
    # the device itself
    "battery": Waveform(3.62, 0.05, 0.01, 2.8, 4.2),
}
_UNKNOWN = Waveform(50, 5, 2)


def shape_of(key: str) -> Waveform:
    """Return how a metric moves; one that nobody described moves about 50."""
    return SHAPES.get(key.lower(), _UNKNOWN)


class SimulatedSeries:
    """One metric of one device; the same seed gives the same course."""

    def __init__(self, shape: Waveform, rng: random.Random) -> None:
        self._shape = shape
        self._rng = rng
        self._site = rng.uniform(0.85, 1.15)  # no two places measure the same
        self._deviation = 0.0
        self._total = rng.uniform(1_000, 90_000)
        self._last_ms: int | None = None

    def at(self, now_ms: int) -> Value:
        """Return the value at a time (UTC epoch ms); call with growing times."""
        shape = self._shape
        hour = ((now_ms + VIETNAM_MS) % DAY_MS) / HOUR_MS
        wave = math.cos((hour - shape.peak_h) * math.tau / 24)
        self._deviation = _MEMORY * self._deviation + self._rng.gauss(0, shape.noise)
        value = shape.mean * self._site + shape.swing * wave + self._deviation
        if shape.grows:
            hours = 0 if self._last_ms is None else (now_ms - self._last_ms) / HOUR_MS
            self._last_ms = now_ms
            self._total += max(0.0, value) * hours
            return round(self._total, shape.digits)
        value = min(max(value, shape.low), shape.high)
        return round(value) if shape.whole else round(value, shape.digits)
