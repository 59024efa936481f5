"""Set up what the tests run against: a browser, PostgreSQL, strace, other people's clients and servers.

What clashes with our own packages (``requirements/peers.lock``) gets an environment of its own.

Debian and Ubuntu: installed by apt where this user may (root, or sudo without a password);
otherwise the exact command is printed and the exit code is 1.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


def on_path(*programs: str) -> Callable[[], bool]:
    """Return a check that one of the programs is there."""
    return lambda: any(shutil.which(program) for program in programs)


def has_postgresql() -> bool:
    """Whether initdb is there; Debian keeps it out of the path."""
    return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))


def has_fonts() -> bool:
    """Whether the browser has a font for Vietnamese text outside of our pages."""
    return any(Path("/usr/share/fonts").rglob("DejaVuSans.ttf"))


NEEDS: dict[str, Callable[[], bool]] = {
    "chromium": on_path("chromium", "chromium-browser", "google-chrome"),
    "postgresql": has_postgresql,
    "strace": on_path("strace"),
    "mosquitto-clients": on_path("mosquitto_pub"),
    "gcc": on_path("gcc", "cc"),
    "libc6-dev": lambda: Path("/usr/include/stdio.h").exists(),
    "fonts-dejavu-core": has_fonts,
    "nodejs": on_path("node"),
    "npm": on_path("npm"),
}


ROOT = Path(__file__).parent.parent
OIDC = ROOT / "tests" / "oidc"
PEERS = ROOT / ".venv-peers"


def main() -> int:
    """Install what is missing, or say how."""
    return programs() or provider() or make_peers()


def provider() -> int:
    """Install the OpenID Connect provider that the log-in is tested against (for tests only)."""
    if (OIDC / "node_modules" / "oidc-provider").exists():
        return 0
    command = ["npm", "ci", "--prefix", str(OIDC), "--no-audit", "--no-fund", "--silent"]
    if subprocess.run(command, check=False).returncode == 0:
        return 0
    print(f"The log-in's provider for the tests is missing. Install it by: {' '.join(command)}")
    return 1


def make_peers() -> int:
    """Make the environment of other people's device software, once for each state of its lock."""
    lock = ROOT / "requirements" / "peers.lock"
    made = PEERS / "made.lock"
    if made.exists() and made.read_bytes() == lock.read_bytes():
        return 0
    uv = str(Path(sys.executable).parent / "uv")
    python = str(PEERS / "bin" / "python")
    for command in (
        [uv, "venv", "-q", "--clear", "--python", sys.executable, str(PEERS)],
        [
            uv,
            "pip",
            "install",
            "-q",
            "--python",
            python,
            "--require-hashes",
            "--no-deps",
            "-r",
            str(lock),
        ],
    ):
        if subprocess.run(command, check=False).returncode != 0:
            print(f"Could not set up {PEERS.name}: see the lines above.")
            return 1
    made.write_bytes(lock.read_bytes())
    return 0


def programs() -> int:
    """Install the programs that are missing, or say how."""
    missing = [package for package, is_there in NEEDS.items() if not is_there()]
    if not missing:
        return 0
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    before = privilege()
    if before is None or not shutil.which("apt-get"):
        print(f"The tests need {', '.join(missing)}. Install them, on Debian or Ubuntu by:")
        print(f"    sudo apt-get update && sudo {' '.join(install)}")
        return 1
    print(f"Installing for the tests: {', '.join(missing)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], install):
        subprocess.run([*before, *command], env=quiet, stdout=subprocess.DEVNULL, check=False)
    missing = [package for package, is_there in NEEDS.items() if not is_there()]
    if missing:
        print(f"Could not install {', '.join(missing)}: see the lines above.")
        return 1
    return 0


def privilege() -> list[str] | None:
    """Return what to put before a command that needs root, or None where this user may not."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
        if asked.returncode == 0:
            return ["sudo", "-n"]
    return None


if __name__ == "__main__":
    sys.exit(main())
