"""The chain of the audit: each row's digest covers its content and the digest before it."""

import hashlib
import json
from typing import Any

__all__ = ("FIELDS", "GENESIS", "digest_of")

GENESIS = b"\0" * 32
FIELDS = (
    "id",
    "at_ms",
    "person_id",
    "person_name",
    "org_id",
    "action",
    "noun",
    "noun_id",
    "before",
    "after",
    "address",
)
"""What the digest covers, in this order."""


def digest_of(previous: bytes, row: dict[str, Any]) -> bytes:
    """Return SHA-256 over the digest before and the row's fields as JSON with sorted keys."""
    content = json.dumps(
        [row[name] for name in FIELDS], ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    return hashlib.sha256(previous + content.encode()).digest()
