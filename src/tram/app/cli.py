"""The command line: parses, calls, and turns errors into one sentence and an exit code."""

import sys

from tram.app.commands import app
from tram.app.part import exit_code
from tram.runtime.errors import TramError

__all__ = ("main",)


def main() -> None:
    """Run ``tram``; an error of the product is a sentence on stderr, never a traceback."""
    try:
        app()
    except TramError as error:
        sys.stderr.write(f"tram: {error}\n")
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
