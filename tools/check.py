"""Every static check of the house, all of them even when one fails, with a summary.

Run by ``make check``; exit code 1 if any check found something.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
TEXTS = ("src", "tests", "tools", "benchmarks", "docs", "README.md", "CHANGELOG.md")
ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links|--trusted-host")

COMMANDS = {
    "format": ("ruff", "format", "--check", "--quiet"),
    "lint": ("ruff", "check", "--quiet"),
    "types": ("mypy",),
    "layers": ("lint-imports", "--no-cache"),
    "docstrings": ("interrogate", "--quiet", "src"),
    "dependencies": ("deptry", "src", "tests", "benchmarks", "tools"),
    "spelling": ("codespell", *(name for name in TEXTS if (ROOT / name).exists())),
    "tidy": ("pytest", "-q", "-p", "no:randomly", "tests/test_tidy.py"),
}


def main() -> int:
    """Run every check and print which of them failed."""
    failed = [name for name, command in COMMANDS.items() if not run(name, command)]
    faults = lock_faults()
    for fault in faults:
        print(fault)
    if faults:
        failed.append("locks")
    if failed:
        print(f"\ncheck: FAILED: {', '.join(failed)}")
        return 1
    print(f"\ncheck: all {len(COMMANDS) + 1} checks are clean")
    return 0


def run(name: str, command: tuple[str, ...]) -> bool:
    """Run one check; show what it says only when it finds something."""
    program, *arguments = command
    start_s = time.monotonic()
    done = subprocess.run(
        [str(BIN / program), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    clean = done.returncode == 0
    print(f"{name:14}{'clean' if clean else 'FAILED':8}{time.monotonic() - start_s:5.1f} s")
    if not clean:
        print(done.stdout + done.stderr)
    return clean


def lock_faults() -> list[str]:
    """Return what is wrong with the lock files.

    A lock pins every package with a hash and names no package index: where packages come from is
    the business of the machine, not of the project.
    """
    faults = []
    locks = sorted((ROOT / "requirements").glob("*.lock"))
    for lock in locks:
        text = lock.read_text()
        faults += [
            f"{lock.name}:{number}: names an address: {line.strip()}"
            for number, line in enumerate(text.splitlines(), 1)
            if ADDRESS.search(line)
        ]
        pins = re.findall(r"^[\w.\[\],-]+==", text, re.MULTILINE)
        if not pins or len(pins) > text.count("--hash=sha256:"):
            faults.append(f"{lock.name}: a package without a hash")
    if (ROOT / "uv.lock").exists():
        faults.append("uv.lock: it names the package index; remove it, 'make lock' is the way")
    return faults


if __name__ == "__main__":
    sys.exit(main())
