"""What a set of published cases says about a model."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tram.runtime.errors import Refused

__all__ = ("ENCODING", "ValidationResult")

ENCODING = "utf-8-sig"
"""Of the files: with or without the mark that spreadsheets put first."""

_NOUGHT = 1e-6
"""Below this a printed figure is nought: its error is taken absolutely."""


@dataclass(slots=True)
class ValidationResult:
    """Cases compared and the worst error of each kind; ``tolerances`` by kind."""

    name: str
    tolerances: dict[str, float]
    cases: int = 0
    worst: dict[str, tuple[float, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def compare(self, kind: str, where: str, ours: float, published: float) -> None:
        """Note one figure; a kind that ends in ``rel`` is compared relatively."""
        error = abs(ours - published)
        if kind.endswith("rel") and abs(published) > _NOUGHT:
            error /= abs(published)
        if not math.isfinite(error):
            error = math.inf
        if error >= self.worst.get(kind, (-1.0, ""))[0]:
            self.worst[kind] = (error, where)

    @contextmanager
    def case(self, where: str) -> Iterator[None]:
        """Count a case; one that cannot be read or computed is a problem of the set, not its end."""
        self.cases += 1
        try:
            yield
        except (KeyError, ValueError, IndexError, OSError, Refused) as error:
            self.problems.append(f"{where}: {type(error).__name__}, {error}")

    @property
    def is_within(self) -> bool:
        """Whether every kind of figure was met and stays within its tolerance."""
        return (
            not self.problems
            and self.cases > 0
            and all(
                self.worst.get(kind, (math.inf, ""))[0] <= most
                for kind, most in self.tolerances.items()
            )
        )

    def lines(self) -> list[str]:
        """Return the outcome in words."""
        words = [f"{self.name}: {self.cases} cases"]
        for kind, most in self.tolerances.items():
            error, where = self.worst.get(kind, (math.inf, "no case"))
            mark = "ok" if error <= most else "PAST THE TOLERANCE"
            words.append(f"  {kind}: worst {error:.3g} (≤ {most:g}) {mark}, at {where}")
        return words + [f"  {problem}" for problem in self.problems]
