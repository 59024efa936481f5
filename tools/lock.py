"""Resolve the dependencies anew: one lock per purpose, with hashes and without addresses.

Usage: lock.py VENV
"""

import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).parent.parent / "requirements"
LOWEST_PYTHON = "3.11"


def main() -> int:
    """Write base.lock, dev.lock, installer.lock and peers.lock; stop at the first that cannot be resolved."""
    uv = Path(sys.argv[1]) / "bin" / "uv"
    for name in ("base", "dev", "installer", "peers"):
        if resolve(uv, [f"{name}.in"], f"{name}.lock") != 0:
            return 1
    return 0


def resolve(uv: Path, sources: list[str], lock: str) -> int:
    """Resolve to the newest versions for Python 3.11 and later."""
    command = [
        str(uv), "pip", "compile", *sources, "--output-file", lock, "--upgrade",
        "--universal", "--python-version", LOWEST_PYTHON,
        "--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--quiet",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=REQUIREMENTS, check=False)
    if done.returncode != 0:
        print(f"{lock}: the dependencies of {', '.join(sources)} cannot be resolved: see above.")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
