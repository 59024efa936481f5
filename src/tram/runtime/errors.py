"""The three families of errors, named by what the caller should do.

TramError
├── Refused       the caller's fault: change the request; every fault of it is listed
├── Unavailable   temporary: the same request may succeed after ``retry_after_s``
└── Broken        our bug or a damaged file: report it

Codes are stable words ``noun.problem``; docs/errors.md lists each with its meaning and remedy.
"""

import asyncio
import errno
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Final

from tram.runtime.messages import Param, hint_of, sentence_of

__all__ = (
    "Broken",
    "Fault",
    "Refused",
    "TramError",
    "Unavailable",
    "first_of",
    "is_of_the_entry",
    "line_of",
    "reason_of",
)

REASON_CHARACTERS_MAX: Final = 300
_SURROUNDINGS: Final = frozenset(
    {
        errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE,
        errno.ENOMEM, errno.EAGAIN,
    }
)  # fmt: skip
"""What the system calls a full disk, lack of memory and lack of files: no entry is to blame for them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field: where, what by its code, and the values that belong to it.

    A code without a sentence or a hint in the table, such as that of a refusal, brings them along
    in ``params``.
    """

    field: str
    code: str
    params: Mapping[str, Param] = dataclass_field(default_factory=dict, hash=False)

    @property
    def sentence(self) -> str:
        """What is wrong, in English."""
        return sentence_of(self.code, self.params)

    @property
    def hint(self) -> str:
        """What to do about it, in English; empty where the sentence says it."""
        return hint_of(self.code, self.params)


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
    """The caller must change the request; ``faults`` names every field that is wrong.

    Where one fault is the whole of it, it is given in the place of the sentence.
    """

    def __init__(
        self, code: str, sentence: str | Fault, hint: str = "", faults: tuple[Fault, ...] = ()
    ) -> None:
        self.reason = sentence if isinstance(sentence, Fault) else None
        if isinstance(sentence, Fault):
            super().__init__(code, sentence.sentence, sentence.hint)
        else:
            super().__init__(code, sentence, hint)
        self.faults = faults


class Unavailable(TramError):
    """The same request may succeed after ``retry_after_s`` seconds."""

    def __init__(self, code: str, sentence: str, hint: str = "", retry_after_s: int = 1) -> None:
        super().__init__(code, sentence, hint)
        self.retry_after_s = retry_after_s


class Broken(TramError):
    """A bug of ours or a damaged file: nothing that the caller can mend."""


def is_of_the_entry(error: BaseException) -> bool:
    """Tell whether an entry is to blame for what was raised while it was done, not its surroundings.

    What is temporary, a full disk, lack of memory and being stopped would meet any other entry too.
    """
    if isinstance(error, BaseExceptionGroup):
        return all(is_of_the_entry(one) for one in error.exceptions)
    if isinstance(error, Unavailable | MemoryError | asyncio.CancelledError):
        return False
    if isinstance(error, OSError) and error.errno in _SURROUNDINGS:
        return False
    return isinstance(error, Exception)


def first_of(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error of the product in a group of groups, else the first of any kind."""
    first = (errors.subgroup(TramError) or errors).exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first


def reason_of(error: BaseException) -> str:
    """Return what was raised as one printable line of at most 300 characters."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return line_of(
        str(error) if isinstance(error, TramError) else f"{type(error).__name__}: {error}"
    )


def line_of(text: str) -> str:
    """Return what somebody else said as one printable line of at most 300 characters."""
    line = "".join(c if c.isprintable() else " " for c in text[: 4 * REASON_CHARACTERS_MAX])
    return " ".join(line.split())[:REASON_CHARACTERS_MAX]
