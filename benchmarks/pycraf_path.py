"""Seconds per path of pycraf's fast P.452-16 over one radial; run by a Python of its own (GPL-3).

``python -m venv V && V/bin/pip install pycraf``, then ``benchmarks.radio --pycraf V/bin/python``.
The profile is given: only the losses are timed, on one thread.
"""

import os
import time

os.environ["OMP_NUM_THREADS"] = "1"

from astropy import units as u
from pycraf import pathprof

REPEATS = 20


def main() -> None:
    """Print the seconds of one path."""
    profile = pathprof.height_path_data_generic(10 * u.km, 30 * u.m, 108.5 * u.deg, 15.5 * u.deg)

    def run() -> None:
        pathprof.atten_path_fast(
            3.75 * u.GHz, 290 * u.K, 1013 * u.hPa, 30 * u.m, 1.5 * u.m, 50 * u.percent, profile
        )

    run()
    start = time.process_time()
    for _ in range(REPEATS):
        run()
    spent = time.process_time() - start
    print(len(profile["distances"]), spent / REPEATS / len(profile["distances"]))


if __name__ == "__main__":
    main()
