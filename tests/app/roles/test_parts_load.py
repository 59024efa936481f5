"""A part loads what it needs itself: the engine and the kernels of others cost it time and memory."""

import subprocess
import sys

import pytest

FOREIGN = {
    "alarms": {"chdb", "rasterio", "litestar", "pandas", "openpyxl"},
    "store": {"numba", "sqlalchemy", "litestar", "pandas", "openpyxl"},
    "gateway": {"chdb", "numba", "sqlalchemy", "httpx", "litestar", "pandas", "openpyxl"},
    "web": {"chdb", "pandas"},
}


@pytest.mark.parametrize("role", FOREIGN)
def test_a_part_carries_nothing_of_another(role: str) -> None:
    code = (
        f"import sys, tram.app.roles.process, tram.app.roles.{role}; print(' '.join(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert FOREIGN[role] & set(loaded) == set()
