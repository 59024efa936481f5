"""The command line: parses, calls, and turns errors into one sentence and an exit code."""

import sys
from importlib.metadata import version as version_of

import cyclopts

from tram.app.commands.terminal import say
from tram.app.supervision.part import EXIT_CODES, exit_code
from tram.runtime.errors import TramError

__all__ = ("app", "main")

_INTERRUPTED = 130
_COMMANDS = {
    "up": ("up:up", "Start the product and stay until Ctrl-C."),
    "settings": ("settings:settings", "Print every setting with its meaning and default."),
    "doctor": ("doctor:doctor", "Look at everything that may be wrong and say what to do."),
    "backup": ("backup:backup", "Write one file from which everything can be restored."),
    "restore": ("restore:restore", "Make an installation from a backup."),
    "devices": ("devices:devices", "Devices: list them, or make many for a load."),
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
"""Each command's module is loaded when it is called: ``tram up`` needs no radio models."""

app = cyclopts.App(
    name="tram",
    help="A province's 5G stations and its IoT devices, in one place.",
    version_flags=[],
)
for name, (place, words) in _COMMANDS.items():
    app.command(f"tram.app.commands.{place}", name=name, help=words)


@app.command
def version() -> None:
    """Print the version."""
    say(version_of("tram"))


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
