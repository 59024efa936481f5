"""Key pairs that roles sign in to NATS with: the server knows the public half only."""

import secrets

import nkeys

__all__ = ("new_user", "public_of")

_SEED_BYTES = 32


def new_user() -> tuple[str, str]:
    """Return the seed (secret, ``SU…``) and the public key (``U…``) of a new user."""
    seed = nkeys.encode_seed(secrets.token_bytes(_SEED_BYTES), nkeys.PREFIX_BYTE_USER).decode()
    return seed, public_of(seed)


def public_of(seed: str) -> str:
    """Return the public key of a seed."""
    public: bytes = nkeys.from_seed(seed.encode()).public_key
    return public.decode()
