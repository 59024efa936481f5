"""The passwords that the product itself made, in a 0600 file for the owner to read and change."""

import secrets
from pathlib import Path

from tram.runtime.whole_files import write_private

__all__ = ("LogIns",)

_PASSWORD_BYTES = 12
_HEAD = (
    "# Log-ins that the first start made (login, tab, password).\n"
    "# Change the passwords in the pages, then remove this file.\n"
)


class LogIns:
    """Remembers what it made: a repeated first start gives the same passwords."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> dict[str, str]:
        """Return passwords by log-in; empty once the file was removed."""
        if not self._path.exists():
            return {}
        lines = self._path.read_text(encoding="utf-8").splitlines()
        pairs = (line.split("\t") for line in lines if line and not line.startswith("#"))
        return {login: password for login, password, *_ in pairs}

    def password_for(self, login: str) -> str:
        """Return the kept password of a log-in, or make one; it is on disk before it is used."""
        kept = self.all()
        if login not in kept:
            kept[login] = secrets.token_urlsafe(_PASSWORD_BYTES)
            lines = "".join(f"{name}\t{password}\n" for name, password in kept.items())
            write_private(self._path, (_HEAD + lines).encode())
        return kept[login]
