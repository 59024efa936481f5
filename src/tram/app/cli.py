"""The command line: parses, calls, and turns errors into one sentence and an exit code."""

import sys

from tram.app.audit_commands import audit
from tram.app.commands import app
from tram.app.geo_commands import geo
from tram.app.import_commands import import_
from tram.app.log_commands import log
from tram.app.part import EXIT_CODES, exit_code
from tram.app.radio_commands import coverage, path, terrain
from tram.app.report_commands import check, report
from tram.app.store_commands import store
from tram.runtime.errors import TramError

__all__ = ("main",)

_INTERRUPTED = 130

app.command(report)
app.command(check)
app.command(import_)
app.command(terrain)
app.command(path)
app.command(coverage)
app.command(geo)
app.command(audit)
app.command(store)
app.command(log)


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
