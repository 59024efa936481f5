"""A decoder from elsewhere: registered by its package's entry point, and by nothing else."""

from pathlib import Path

import pytest

from tram.fleet.device.decoder import PACKAGE, Decoder, installed_decoders
from tram.fleet.device.rows import Row
from tram.fleet.device.topics import compile_rules
from tram.runtime.errors import Refused

NOW_MS = 1_763_848_000_000

SIZE = Decoder("size", lambda _options: lambda payload, now: [Row("bytes", now, len(payload))])


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "size_decoder-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: size-decoder\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[{PACKAGE}]\nsize = {__name__}:SIZE\n")
    monkeypatch.syspath_prepend(tmp_path)
    installed_decoders.cache_clear()
    yield
    installed_decoders.cache_clear()


def test_a_profile_reads_by_a_decoder_from_elsewhere() -> None:
    (rule,) = compile_rules([{"topic": "a", "decoder": "size"}])
    assert rule.decode(b"four", NOW_MS) == [Row("bytes", NOW_MS, 4)]


def test_the_refusal_of_another_name_lists_what_there_is() -> None:
    with pytest.raises(Refused) as refused:
        compile_rules([{"topic": "a", "decoder": "xml"}])
    (fault,) = refused.value.faults
    assert fault.sentence == "Expected one of csv, json, json_paths, senml, size."
