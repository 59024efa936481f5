"""Keeping a letter as a job: nobody waits for its files, and a crash keeps it once."""

from datetime import date

import msgspec

from tram.domain.ids import PersonId
from tram.jobs.kinds import QUICK, CancelToken, JobKind, JobWork, PartialWork, Progress
from tram.registry.people.sessions import Sessions
from tram.report.reports import LetterService

__all__ = ("LETTER", "LetterKept", "LetterOrder", "LetterWork")


class LetterOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Which letter to keep, in whose name; ``asked_ms`` tells what was kept for it already."""

    as_of: date
    since: date | None
    person: int
    asked_ms: int


class LetterKept(msgspec.Struct, frozen=True):
    """The version, by its number."""

    version: int


LETTER = JobKind(
    name="letter.keep",
    request=LetterOrder,
    result=LetterKept,
    lane=QUICK,
    partial_work=PartialWork.REMOVED,
)


class LetterWork(JobWork[LetterOrder, LetterKept]):
    """Keeps a letter in the name of who asked for it."""

    def __init__(self, sessions: Sessions, letters: LetterService) -> None:
        self._sessions = sessions
        self._letters = letters

    async def run(
        self, request: LetterOrder, progress: Progress, cancel: CancelToken
    ) -> LetterKept:
        """Keep the letter, unless a process that died meanwhile has."""
        viewer = await self._sessions.viewer_of(PersonId(request.person))
        cancel.check()
        kept = await self._letters.kept_after(
            viewer, request.as_of, request.since, request.asked_ms
        )
        if kept is None:
            await progress(0, 1)
            kept = (await self._letters.keep(viewer, request.as_of, request.since)).id
        return LetterKept(kept)
