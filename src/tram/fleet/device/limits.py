"""What a payload may hold; the batch reader in C is compiled with the same numbers."""

from typing import Final

from tram.domain.days import DAY_MS

__all__ = (
    "AHEAD_MS_MAX",
    "BEHIND_MS_MAX",
    "FAULTS_MAX",
    "FIELD_CHARS_MAX",
    "KEY_CHARS_MAX",
    "NESTED_MAX",
    "TEXT_CHARS_MAX",
    "VALUES_MAX",
)

KEY_CHARS_MAX: Final = 128
TEXT_CHARS_MAX: Final = 4096
VALUES_MAX: Final = 1000
"""Most values in one message, over all of its times."""
FAULTS_MAX: Final = 20
"""Most faults named in one refusal; further ones are only counted."""
FIELD_CHARS_MAX: Final = 80
"""Of a name that a refusal repeats."""
AHEAD_MS_MAX: Final = DAY_MS
"""A clock may be ahead of ours by this much, behind by the next."""
BEHIND_MS_MAX: Final = 10 * 366 * DAY_MS
NESTED_MAX: Final = 32
"""Deepest nesting of a value that is kept as JSON text: who reads it again has a stack too."""
