"""The command line: parses, calls, and turns errors into one sentence and an exit code."""

import sys

from tram.app.commands.product import app
from tram.app.supervision.part import EXIT_CODES, exit_code
from tram.runtime.errors import TramError

__all__ = ("main",)

_INTERRUPTED = 130

_ELSEWHERE = {
    "report": ("report:report", "Official documents made from the product's figures."),
    "check": ("report:check", "Examine the letter's figures by rules."),
    "import": ("imports:import_", "Bring lists from files into the registers."),
    "terrain": ("radio:terrain", "The ground that predictions stand on."),
    "path": ("radio:path", "Explain one path by its losses."),
    "coverage": ("radio:coverage", "Predict the coverage of every station on air."),
    "geo": ("geo:geo", "Borders, roads, fibre and people of places."),
    "audit": ("audit:audit", "The chain of the audit."),
    "store": ("store:store", "The telemetry store: where its tables are."),
    "quarantine": (
        "quarantine:quarantine",
        "Records that alone brought a part down: look at them, try them again.",
    ),
    "log": ("log:log", "The log: the accounts of a server of one's own."),
}
"""Commands whose module is loaded when they are called: ``tram up`` needs no radio models."""

for name, (place, words) in _ELSEWHERE.items():
    app.command(f"tram.app.commands.{place}", name=name, help=words)


def main() -> None:
    """Run ``tram``; an error of the product is a sentence on stderr, never a traceback."""
    try:
        app()
    except TramError as error:
        sys.stderr.write(f"tram: {error}\n")
        sys.exit(exit_code(error))
    except OSError as error:  # a full disk, a file without the right: the machine's own sentence
        sys.stderr.write(f"tram: {error}\n")
        sys.exit(EXIT_CODES["Broken"])
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
