"""The three families of errors, named by what the caller should do.

TramError
├── Refused       the caller's fault: change the request; every fault of it is listed
├── Unavailable   temporary: the same request may succeed after ``retry_after_s``
└── Broken        our bug or a damaged file: report it

Codes are stable words ``noun.problem``; docs/errors.md lists each with its meaning and remedy.
"""

from dataclasses import dataclass

__all__ = ("Broken", "Fault", "Refused", "TramError", "Unavailable")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field: where, what, and what to do about it."""

    field: str
    sentence: str
    hint: str = ""


class TramError(Exception):
    """What every error of the product carries: a stable code and one plain sentence."""

    def __init__(self, code: str, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}".strip()


class Refused(TramError):
    """The caller must change the request; ``faults`` names every field that is wrong."""

    def __init__(
        self, code: str, sentence: str, hint: str = "", faults: tuple[Fault, ...] = ()
    ) -> None:
        super().__init__(code, sentence, hint)
        self.faults = faults


class Unavailable(TramError):
    """The same request may succeed after ``retry_after_s`` seconds."""

    def __init__(self, code: str, sentence: str, hint: str = "", retry_after_s: int = 1) -> None:
        super().__init__(code, sentence, hint)
        self.retry_after_s = retry_after_s


class Broken(TramError):
    """A bug of ours or a damaged file: nothing that the caller can mend."""
