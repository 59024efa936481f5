"""Make the virtual environment from a hash lock, with sentences for what may be missing.

Runs on whatever ``python3`` the machine has, so it uses the standard library alone and old syntax.
Usage: setup_venv.py VENV LOCK
"""

import subprocess
import sys
from pathlib import Path

PYTHON_MIN = (3, 11)
INSTALLER = "uv"


def stop(sentence):
    """End with one sentence that names the remedy."""
    sys.stderr.write(sentence + "\n")
    sys.exit(1)


def run(command, failure):
    """Run one step; on failure end with its sentence."""
    done = subprocess.run(command, check=False)
    if done.returncode != 0:
        stop(failure)


def need_python():
    """Refuse a Python that the product cannot run on."""
    if sys.version_info < PYTHON_MIN:
        stop(
            "Tram needs Python 3.11 or newer, this is %d.%d: install python3.11 "
            "and run 'make PYTHON=python3.11 ...'." % sys.version_info[:2]
        )


def need_venv():
    """Refuse a Python without the venv and ensurepip modules (Debian ships them apart)."""
    try:
        import ensurepip  # noqa: F401, PLC0415
        import venv  # noqa: F401, PLC0415
    except ImportError:
        stop(
            "Python's venv module is missing: on Debian or Ubuntu run "
            "'sudo apt-get install python3-venv' and repeat."
        )


def make(venv_folder, lock):
    """Create the environment once, then bring it to the lock."""
    python = venv_folder / "bin" / "python"
    if not python.exists():
        run(
            [sys.executable, "-m", "venv", str(venv_folder)],
            "Could not make %s: see the lines above; is the folder writable?" % venv_folder,
        )
    installer_lock = lock.parent / "installer.lock"
    run(
        [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        + ["--require-hashes", "--no-deps", "-r", str(installer_lock)],
        "Could not install %s: see the lines above; is the package index reachable?" % INSTALLER,
    )
    install = [str(python), "-m", "uv", "pip", "install", "-q", "--python", str(python)]
    run(
        [*install, "--compile-bytecode", "--require-hashes", "--no-deps", "-r", str(lock)],
        "Could not install the dependencies of %s: see the lines above." % lock,
    )
    run(
        [*install, "--no-deps", "--no-build-isolation", "-e", str(lock.parent.parent)],
        "Could not install the product itself: see the lines above.",
    )


if __name__ == "__main__":
    need_python()
    need_venv()
    make(Path(sys.argv[1]), Path(sys.argv[2]).resolve())
