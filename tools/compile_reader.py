"""Compile the gateway's batch reader, the library in C that reads many connections at once.

    python tools/compile_reader.py            compile beside the sources, if there is a C compiler
    python tools/compile_reader.py --remove   back to plain Python
    python tools/compile_reader.py --checked PROGRAM
        a program that feeds the batch reader damaged packets under the compiler's own checks of every byte
        touched; its arguments are seconds and a seed

Without a compiler nothing is made and nothing is wrong: the gateway then reads everything in Python,
with the same result and about twice the work. ``tram doctor`` says which form is there.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tram.fleet.gateway.batch_reader.place import DEFINITIONS, FOLDER, library_path, sources

COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Werror")
CHECKED_FLAGS = (
    *("-std=c11", "-g", "-O1", f"-I{FOLDER}"),
    *("-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
)
CHECKED_SOURCE = (
    Path(__file__).parent.parent / "tests" / "fleet" / "gateway" / "batch_reader" / "reader_fuzz.c"
)
COMPILE_S_MAX = 120


def main() -> int:
    """Do what the options say."""
    options = _options()
    if options.checked:
        return compile_checked(options.checked)
    wanted = library_path()
    for old in FOLDER.glob("*.so"):
        if options.remove or old != wanted:
            old.unlink()
    if not options.remove and not wanted.exists():
        print(_compile(wanted))
    return 0


def compile_checked(program: Path) -> int:
    """Make the program that looks for bytes touched by mistake; return the compiler's exit code."""
    command = [
        _compiler() or "cc",
        *CHECKED_FLAGS,
        *DEFINITIONS,
        "-o",
        program,
        CHECKED_SOURCE,
        *sources(),
        "-lm",
    ]
    return subprocess.run(command, check=False, timeout=COMPILE_S_MAX).returncode


def _compile(wanted: Path) -> str:
    """Make the library if that is possible; return one sentence that says so."""
    compiler = _compiler()
    if compiler is None:
        return "No C compiler: the gateway reads in Python alone (apt-get install gcc libc6-dev)."
    part = wanted.with_suffix(f".part{os.getpid()}")  # two may compile at once
    command = [compiler, *FLAGS, *DEFINITIONS, "-shared", "-fPIC", "-o", part, *sources(), "-lm"]
    done = subprocess.run(
        command, check=False, timeout=COMPILE_S_MAX, capture_output=True, text=True
    )
    if done.returncode:
        part.unlink(missing_ok=True)
        first = next(iter(done.stderr.splitlines()), "no reason given")
        return (
            f"The batch reader could not be compiled, the gateway reads in Python alone: {first}"
        )
    part.replace(wanted)
    return "The gateway's batch reader is compiled."


def _compiler() -> str | None:
    return next((found for name in COMPILERS if (found := shutil.which(name))), None)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--remove", action="store_true", help="delete the compiled form")
    parser.add_argument("--checked", type=Path, help="make the checked program here instead")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
