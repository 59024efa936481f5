"""Compile the MQTT codec with mypyc, or take the compiled form away again.

    python tools/compile_codec.py            compile in place, beside the sources
    python tools/compile_codec.py --remove   back to plain Python
    python tools/compile_codec.py --into DIR compile a copy of the sources there

The compiled form is optional: the same modules run uncompiled, and a test proves both equal. It
needs a C compiler. Decoders of payloads stay uncompiled: mypyc makes an integer of a boolean.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src"
MODULES = (
    "tram/fleet/gateway/protocols/mqtt/packets/wire.py",
    "tram/fleet/gateway/protocols/mqtt/packets/topics.py",
    "tram/fleet/gateway/protocols/mqtt/packets/properties.py",
    "tram/fleet/gateway/protocols/mqtt/packets/codec.py",
)


def main() -> int:
    """Do what the options say."""
    options = _options()
    root = options.into or SOURCE
    if options.remove:
        for old in root.rglob("*.so"):
            if not old.name.startswith("reader-"):  # compile_reader.py's
                old.unlink()
        return 0
    if options.into:
        shutil.copytree(SOURCE / "tram", root / "tram", ignore=shutil.ignore_patterns("*.so"))
    environment = {**os.environ, "MYPYPATH": str(root), "MYPY_CACHE_DIR": str(root / ".mypyc")}
    command = [sys.executable, "-m", "mypyc", "--ignore-missing-imports", *MODULES]
    done = subprocess.run(command, cwd=root, env=environment, check=False)
    for left in ("build", ".mypyc"):
        shutil.rmtree(root / left, ignore_errors=True)
    return done.returncode


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--remove", action="store_true", help="delete the compiled form")
    parser.add_argument("--into", type=Path, help="compile a copy in this folder")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
