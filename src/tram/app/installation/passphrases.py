"""Where a passphrase comes from: a file, or the person at the terminal."""

import getpass
import sys
from pathlib import Path

from tram.runtime.errors import Refused

__all__ = ("read_passphrase",)


def read_passphrase(file: Path | None, *, twice: bool) -> str:
    """Return the passphrase; ``twice`` asks again, for one that is new.

    Raises:
        Refused: if there is no file and no terminal, or the two entries differ.
    """
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise Refused(
                "passphrase.unreadable",
                f"The passphrase file {file} cannot be read ({why}).",
                "Give a file of text that this user may read.",
            ) from error
    if not sys.stdin.isatty():
        raise Refused(
            "passphrase.missing",
            "There is nobody to ask for the passphrase.",
            "Give a file that holds it: --passphrase-file FILE.",
        )
    passphrase = getpass.getpass("Passphrase for the keys in the backup: ")
    if twice and getpass.getpass("The same again: ") != passphrase:
        raise Refused("passphrase.differs", "The two passphrases differ.", "Try again.")
    return passphrase
