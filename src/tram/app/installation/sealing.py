"""The installation's keys, locked by a passphrase so that a backup may lie anywhere.

Layout: magic ``TRAMKEY1``, salt (16 bytes), nonce (12 bytes), then the encrypted text with its tag.
The key is made from the passphrase by scrypt; the magic and salt are authenticated with the text.
"""

import base64
import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tram.app.installation.passphrases import must_protect
from tram.runtime.errors import Broken, Refused

__all__ = ("seal", "unseal")


_MAGIC = b"TRAMKEY1"
_SALT_BYTES = 16
_NONCE_BYTES = 12
_HEAD_BYTES = len(_MAGIC) + _SALT_BYTES + _NONCE_BYTES
_KEY_BYTES = 32
_SCRYPT_N = 2**17  # 128 MB and about half a second: guessing is dear
_SCRYPT_R = 8
_SCRYPT_P = 1


def seal(files: dict[str, bytes], passphrase: str) -> bytes:
    """Encrypt the files with the passphrase.

    Raises:
        Refused: if the passphrase is too short to protect them.
    """
    must_protect(passphrase)
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    text = json.dumps({name: base64.b64encode(raw).decode() for name, raw in files.items()})
    cipher = ChaCha20Poly1305(_stretch(passphrase, salt))
    return _MAGIC + salt + nonce + cipher.encrypt(nonce, text.encode(), _MAGIC + salt)


def unseal(sealed: bytes, passphrase: str) -> dict[str, bytes]:
    """Decrypt what ``seal`` returned.

    Raises:
        Refused: if the passphrase is another one.
        Broken: if these are not sealed keys.
    """
    if not sealed.startswith(_MAGIC) or len(sealed) <= _HEAD_BYTES:
        raise Broken("backup.keys", "The backup's keys have no form that this version knows.")
    salt_end = len(_MAGIC) + _SALT_BYTES
    head, rest = sealed[:salt_end], sealed[salt_end:]
    cipher = ChaCha20Poly1305(_stretch(passphrase, head[len(_MAGIC) :]))
    try:
        text = cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], head)
    except InvalidTag:
        raise Refused(
            "passphrase.wrong",
            "The passphrase does not open the keys of this backup.",
            "Give the passphrase that was used when the backup was made.",
        ) from None
    return {name: base64.b64decode(raw) for name, raw in json.loads(text).items()}


def _stretch(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt, _KEY_BYTES, _SCRYPT_N, _SCRYPT_R, _SCRYPT_P).derive(passphrase.encode())
