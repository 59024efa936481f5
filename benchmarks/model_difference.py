"""The map model against the whole of P.1812 over random paths of rough ground.

``python -m benchmarks.model_difference [PATHS]`` prints the distribution of map minus full [dB], at
50 % of the time, by length of the path.
"""

import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.rough_ground import rough_mosaic, write_hgt
from tram.rollout.coverage.path_explained import Ends, explain_path
from tram.runtime.errors import Refused

BINS_KM = (0.25, 2.0, 5.0, 10.0, 20.0)


def main() -> None:
    """Draw paths, print one line per length."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    chance = np.random.default_rng(3)
    with tempfile.TemporaryDirectory() as folder:
        mosaic = rough_mosaic(Path(folder) / "terrain", [write_hgt(Path(folder))])
        found = []
        while len(found) < count:
            length = 10 ** chance.uniform(np.log10(BINS_KM[0]), np.log10(BINS_KM[-1])) * 1000
            turn = chance.uniform(0, 2 * np.pi)
            cells = length / mosaic.about.cell_m
            column = chance.uniform(0, mosaic.about.columns)
            row = chance.uniform(0, mosaic.about.rows)
            a = mosaic.place_of(column, row)
            b = mosaic.place_of(column + cells * np.sin(turn), row + cells * np.cos(turn))
            frequency = float(chance.choice([0.778, 2.55, 3.75]))
            ends = Ends(a=(a.lon, a.lat), b=(b.lon, b.lat), frequency_ghz=frequency)
            try:
                view = explain_path(mosaic, ends)
            except Refused:  # an end outside the ground
                continue
            found.append((view.length_km, view.difference_db))
    show(np.array(found))


def show(found: np.ndarray) -> None:
    """Print the distribution by length and of all."""
    print(f"{'km':>12} {'paths':>6} {'mean':>7} {'median':>7} {'p95':>7} {'largest':>8}  [dB]")
    spans = [*pairwise(BINS_KM), (BINS_KM[0], BINS_KM[-1])]
    for low, high in spans:
        part = found[(found[:, 0] >= low * 0.99) & (found[:, 0] <= high * 1.01), 1]
        print(
            f"{low:5g} – {high:<4g} {len(part):6} {part.mean():7.3f} {np.median(part):7.3f} "
            f"{np.percentile(part, 95):7.3f} {np.abs(part).max():8.3f}"
        )


if __name__ == "__main__":
    main()
