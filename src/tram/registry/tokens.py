"""Device tokens: generated, shown once, kept as a keyed digest."""

import hmac
import secrets
import string

__all__ = ("HINT_CHARACTERS", "new_token", "token_digest")

PREFIX = "tr_"
CHARACTERS = 32
HINT_CHARACTERS = 4
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]


def new_token() -> str:
    """Return a random token: ``tr_`` and 32 letters and digits (190 bits)."""
    number = secrets.randbelow(len(_PAIRS) ** (CHARACTERS // 2))
    pairs = []
    for _ in range(CHARACTERS // 2):
        number, digit = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[digit])
    return PREFIX + "".join(pairs)


def token_digest(hmac_key: bytes, token: str) -> bytes:
    """Return HMAC-SHA-256 of the token: 32 bytes, worthless without the key."""
    return hmac.digest(hmac_key, token.encode(), "sha256")
