"""Fuzz everything that reads bytes from outside, guided by coverage (atheris).

    python tools/fuzz.py --seconds 60
    python tools/fuzz.py CRASH_FILE      run one input that was found before

First the gateway's batch reader in C is fed damaged packets under the compiler's own checks, as long again.
Each further input goes to every parser of the codec and every decoder of payloads. Nothing may be raised
but ``Malformed`` and ``Refused``, nothing may take longer than a second, and nothing may need more
memory than its limit. An input that breaks this is written to ``crash-…`` and ends the run.
"""

import argparse
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent.parent))

with atheris.instrument_imports(include=["tram.fleet"]):
    from tests.fleet.gateway.parsers import codec_parsers, payload_decoders

import random

from tests.fleet.gateway.samples import samples

from tram.fleet.gateway.protocols.mqtt.packets.wire import Malformed
from tram.runtime.errors import Refused

COMPILE_READER = Path(__file__).with_name("compile_reader.py")
MEMORY_MB_MAX = 1_024
INPUT_BYTES_MAX = 70_000
PARSERS = [*codec_parsers(), *payload_decoders()]


def one_input(data: bytes) -> None:
    """Feed one input to everything."""
    for parse in PARSERS:
        try:
            parse(data)
        except (Malformed, Refused):
            continue


def feed_reader(seconds: int) -> None:
    """Feed the batch reader; ends the program if it touched a byte that is not its own."""
    with tempfile.TemporaryDirectory(prefix="tram-fuzz-") as folder:
        program = Path(folder, "checked")
        command = [sys.executable, COMPILE_READER, "--checked", program]
        if subprocess.run(command, check=False).returncode:
            sys.exit(
                "The checked batch reader needs gcc with its sanitizers: apt-get install gcc."
            )
        seed = secrets.randbits(32)
        done = subprocess.run(
            [program, str(seconds), str(seed)], check=False, stdout=subprocess.PIPE, text=True
        )
    if done.returncode:
        sys.exit(f"The batch reader failed with seed {seed}.")
    print(f"batch reader: {done.stdout.strip()} reads without a finding")


def main() -> None:
    """Fuzz for some time, from whole and damaged samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="how long")
    options, rest = parser.parse_known_args()
    if not rest:
        feed_reader(options.seconds)
    with tempfile.TemporaryDirectory(prefix="tram-fuzz-") as folder:
        for number, body in enumerate(samples(random.Random(1), 200)):
            Path(folder, str(number)).write_bytes(body)
        limits = [
            f"-max_total_time={options.seconds}",
            f"-rss_limit_mb={MEMORY_MB_MAX}",
            f"-max_len={INPUT_BYTES_MAX}",
            "-timeout=1",
        ]
        atheris.Setup([sys.argv[0], *limits, *(rest or [folder])], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
