"""The secrets of an installation: made once, kept 0600, each for one purpose."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from tram.fleet.log.keys import new_user
from tram.fleet.log.streams import PERMISSIONS
from tram.runtime.errors import Refused
from tram.runtime.whole_files import write_private

__all__ = ("NATS_ROLES", "Keys", "make_keys", "read_keys")

NATS_ROLES = tuple(PERMISSIONS)
_HMAC_BYTES = 32
_SHARED_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keys:
    """All secrets in memory; ``seeds`` are the NATS secrets by role."""

    hmac: bytes
    store: str
    ops: str
    seeds: dict[str, str]

    def __repr__(self) -> str:
        return "Keys(…)"  # never into a log or a traceback


def make_keys(folder: Path) -> None:
    """Make the secrets that are not there yet; never replace one."""
    if not (folder / "hmac.key").exists():
        write_private(folder / "hmac.key", secrets.token_bytes(_HMAC_BYTES))
    for name in ("store.key", "ops.key"):
        if not (folder / name).exists():
            write_private(folder / name, secrets.token_urlsafe(_SHARED_KEY_BYTES).encode())
    for role in NATS_ROLES:
        if not (folder / f"nats-{role}.seed").exists():
            write_private(folder / f"nats-{role}.seed", new_user()[0].encode())


def read_keys(folder: Path) -> Keys:
    """Read the secrets.

    Raises:
        Refused: if one is missing: it cannot be guessed, and a new one would lock all devices out.
    """
    try:
        return Keys(
            hmac=(folder / "hmac.key").read_bytes(),
            store=(folder / "store.key").read_text(encoding="ascii"),
            ops=(folder / "ops.key").read_text(encoding="ascii"),
            seeds={r: (folder / f"nats-{r}.seed").read_text("ascii") for r in NATS_ROLES},
        )
    except FileNotFoundError as error:
        raise Refused(
            "keys.missing",
            f"The key file {error.filename} is missing.",
            "Bring it back from a backup: without it no device can be recognised.",
        ) from None
