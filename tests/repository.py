"""Where things of the repository lie, whichever room a test stands in."""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
