"""Builds the load generator on first use, and again whenever its source changed."""

import hashlib
import shutil
import subprocess
from pathlib import Path

__all__ = ("CompilerMissingError", "build_generator")

_SOURCES = sorted(Path(__file__).parent.glob("*.c"))
_HEADER = Path(__file__).with_name("load.h")
_BUILD = Path(__file__).parent.parent / "build"
_COMPILERS = ("cc", "gcc", "clang")
_FLAGS = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Werror")
_COMPILE_S_MAX = 120


class CompilerMissingError(RuntimeError):
    """No C compiler is installed; the message names the remedy."""


def build_generator() -> Path:
    """Return the generator's program, compiled from the source that lies here now.

    Raises:
        CompilerMissingError: if there is no C compiler.
    """
    whole = b"".join(file.read_bytes() for file in (*_SOURCES, _HEADER))
    version = hashlib.sha256(whole).hexdigest()[:16]
    program = _BUILD / f"load-{version}"
    if program.exists():
        return program
    compiler = next((found for name in _COMPILERS if (found := shutil.which(name))), None)
    if compiler is None:
        raise CompilerMissingError(
            "The load generator needs a C compiler and there is none: "
            "apt-get install gcc libc6-dev (as root), then run this again."
        )
    _BUILD.mkdir(exist_ok=True)
    part = program.with_suffix(".part")
    subprocess.run([compiler, *_FLAGS, "-o", part, *_SOURCES], check=True, timeout=_COMPILE_S_MAX)
    part.replace(program)
    return program
