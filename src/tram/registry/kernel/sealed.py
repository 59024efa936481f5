"""Secrets: sealed where they must be read again, as a digest where they are only compared."""

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

__all__ = ("Seal", "secret_digest")

_NONCE_BYTES = 12
_KEY_BYTES = 32


def secret_digest(secret: str) -> bytes:
    """Return what is kept of a random secret that its bearer shows again (SHA-256, 32 bytes)."""
    return hashlib.sha256(secret.encode()).digest()


class Seal:
    """AES-256-GCM under a key derived for one purpose; what was sealed for another stays shut."""

    def __init__(self, key: bytes, purpose: str) -> None:
        derive = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=purpose.encode())
        self._cipher = AESGCM(derive.derive(key))

    def shut(self, plain: bytes, about: str = "") -> bytes:
        """Return the sealed bytes; ``about`` must be the same to open them."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, about: str = "") -> bytes | None:
        """Return what was sealed, or None when it was altered or sealed with another key."""
        try:
            return self._cipher.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode()
            )
        except (InvalidTag, ValueError):
            return None
