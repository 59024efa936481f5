"""Benchmarks say how to install a peer that is missing."""

from pathlib import Path

import pytest
from benchmarks.radio import against_splat

from tram.rollout.terrain.mosaic import open_mosaic


def test_a_missing_splat_is_said_with_its_command(
    terrain: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert against_splat(tmp_path, tmp_path / "none.hgt", open_mosaic(terrain)) == {}
    assert "apt-get install splat" in capsys.readouterr().err
