"""Secrets of devices: generated, shown once, kept as keyed digests.

One digest stands for everything that opens a device, so a gateway needs a single look-up:

- a token: the token's own bytes
- a user name with its password, and a certificate: a word that no token can begin with, then both
  parts with the length of the first, or the SHA-256 fingerprint
"""

import hmac
import secrets
import string

__all__ = (
    "HINT_CHARACTERS",
    "basic_digest",
    "certificate_digest",
    "claim_digest",
    "enrolment_digest",
    "new_claim_code",
    "new_secret",
    "new_token",
    "token_digest",
)

PREFIX = "tr_"
CHARACTERS = 32
HINT_CHARACTERS = 4
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_CLAIM_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CLAIM_CHARACTERS = 16
_CLAIM_GROUP = 4


def new_token() -> str:
    """Return a random token: ``tr_`` and 32 letters and digits (190 bits)."""
    return PREFIX + new_secret()


def new_secret() -> str:
    """Return 32 random letters and digits (190 bits)."""
    number = secrets.randbelow(len(_PAIRS) ** (CHARACTERS // 2))
    pairs = []
    for _ in range(CHARACTERS // 2):
        number, digit = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[digit])
    return "".join(pairs)


def new_claim_code() -> str:
    """Return a random code that a person can type: four groups of four characters (80 bits)."""
    drawn = "".join(secrets.choice(_CLAIM_ALPHABET) for _ in range(_CLAIM_CHARACTERS))
    groups = [drawn[i : i + _CLAIM_GROUP] for i in range(0, _CLAIM_CHARACTERS, _CLAIM_GROUP)]
    return "-".join(groups)


def token_digest(hmac_key: bytes, token: str) -> bytes:
    """Return HMAC-SHA-256 of the token: 32 bytes, worthless without the key."""
    return hmac.digest(hmac_key, token.encode(), "sha256")


def basic_digest(hmac_key: bytes, user_name: str, password: bytes) -> bytes:
    """Return the digest of a user name with its password."""
    name = user_name.encode()
    return _tagged(hmac_key, b"basic", len(name).to_bytes(4, "big") + name + password)


def certificate_digest(hmac_key: bytes, fingerprint: bytes) -> bytes:
    """Return the digest of a certificate with this SHA-256 fingerprint."""
    return _tagged(hmac_key, b"x509", fingerprint)


def enrolment_digest(hmac_key: bytes, secret: str) -> bytes:
    """Return the digest of the secret half of a provisioning key."""
    return _tagged(hmac_key, b"enrol", secret.encode())


def claim_digest(hmac_key: bytes, secret: str, device: str = "") -> bytes:
    """Return the digest of a claim code, or of a secret that the named device chose itself."""
    name = device.encode()
    return _tagged(hmac_key, b"claim", len(name).to_bytes(4, "big") + name + secret.encode())


def _tagged(hmac_key: bytes, tag: bytes, content: bytes) -> bytes:
    return hmac.digest(hmac_key, b"\0" + tag + b"\0" + content, "sha256")
