"""Run published cases: ``python -m tram.rollout.radio.validate FOLDER``.

Exit code 0 when every known set stays within its tolerances, 1 when one does not, 2 when the
folder holds no known set.
"""

import sys
from pathlib import Path

from tram.rollout.radio.validate.sets import validate

_EXIT_PAST, _EXIT_NOTHING = 1, 2


def main(arguments: list[str]) -> int:
    """Print one paragraph per set and return the exit code."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("usage: python -m tram.rollout.radio.validate FOLDER\n")
        return _EXIT_NOTHING
    outcomes, unknown = validate(Path(arguments[0]).resolve())
    for outcome in outcomes:
        sys.stdout.write("\n".join(outcome.lines()) + "\n")
    for name in unknown:
        sys.stdout.write(f"{name}: skipped, not a set that this command knows\n")
    if not outcomes:
        sys.stderr.write("There is no known set of cases in this folder.\n")
        return _EXIT_NOTHING
    return 0 if all(outcome.is_within for outcome in outcomes) else _EXIT_PAST


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
