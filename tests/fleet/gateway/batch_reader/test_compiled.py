"""The compiled form of the codec says the same as the plain one."""

import random
import subprocess
import sys
from pathlib import Path

from tests.repository import ROOT

INPUTS = 1_000


def test_compiled_codec_equals_the_plain_one(tmp_path: Path) -> None:
    compiled = tmp_path / "compiled"
    command = [sys.executable, str(ROOT / "tools" / "compile_codec.py"), "--into", str(compiled)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    answers = [said(folder) for folder in (ROOT / "src", compiled)]

    assert answers[0][0].endswith("codec.py")
    assert answers[1][0].endswith(".so")
    assert answers[0][1:] == answers[1][1:]
    assert len(answers[0]) > INPUTS


def said(folder: Path) -> list[str]:
    """Return what all parsers of one form say about the same bytes."""
    command = [sys.executable, "-m", "tests.fleet.gateway.batch_reader.test_compiled", str(folder)]
    out = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return out.stdout.splitlines()


def main(folder: str) -> None:
    """Print where the codec came from, then the answer to every input."""
    sys.path.insert(0, folder)
    from tests.fleet.gateway.parsers import codec_parsers, payload_decoders
    from tests.fleet.gateway.samples import samples
    from tram.fleet.gateway.protocols.mqtt.packets import codec
    from tram.fleet.gateway.protocols.mqtt.packets.wire import Malformed
    from tram.runtime.errors import Refused

    lines = [str(codec.__file__)]
    parsers = [*codec_parsers(), *payload_decoders()]
    for body in samples(random.Random(20251126), INPUTS):
        for parse in parsers:
            try:
                lines.append(repr(parse(body)))
            except (Malformed, Refused) as error:
                lines.append(f"{type(error).__name__} {error}")
    sys.stdout.write("\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1])
