"""Where a passphrase comes from, a file or the person at the terminal, and how good it must be."""

import getpass
import sys
from pathlib import Path
from typing import Final

from tram.runtime.errors import Refused

__all__ = ("PASSPHRASE_CHARACTERS_MIN", "must_protect", "read_passphrase")

PASSPHRASE_CHARACTERS_MIN: Final = 12


def must_protect(passphrase: str) -> None:
    """Refuse a passphrase that is too short to protect the keys of a backup.

    Raises:
        Refused: ``passphrase.short``.
    """
    if len(passphrase) < PASSPHRASE_CHARACTERS_MIN:
        raise Refused(
            "passphrase.short",
            f"The passphrase has fewer than {PASSPHRASE_CHARACTERS_MIN} characters.",
            "Take a sentence that you can remember.",
        )


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
