"""What a check found: fine, worth a look, or wrong, with what to do."""

from dataclasses import dataclass
from enum import StrEnum

from tram.runtime.errors import TramError

__all__ = ("CheckResult", "Grade", "fine", "look", "wrong", "wrong_by")


class Grade(StrEnum):
    """How a check came out."""

    FINE = "fine"
    LOOK = "look"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check."""

    subject: str
    grade: Grade
    sentence: str
    remedy: str = ""


def fine(subject: str, sentence: str) -> CheckResult:
    """Return a check that found nothing."""
    return CheckResult(subject, Grade.FINE, sentence)


def look(subject: str, sentence: str, remedy: str) -> CheckResult:
    """Return what may become a fault."""
    return CheckResult(subject, Grade.LOOK, sentence, remedy)


def wrong(subject: str, sentence: str, remedy: str) -> CheckResult:
    """Return a fault."""
    return CheckResult(subject, Grade.WRONG, sentence, remedy)


def wrong_by(subject: str, error: TramError) -> CheckResult:
    """Return an error of the product as a fault."""
    return CheckResult(subject, Grade.WRONG, error.sentence, error.hint)
