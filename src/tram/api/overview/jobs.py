"""Long pieces of work: how far they are, how they ended, and the end of one that nobody needs."""

import msgspec

from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import JobRow

__all__ = ("JobList", "cancel_job", "list_jobs", "show_job")


class JobList(msgspec.Struct, frozen=True):
    """The newest 200 jobs within the viewer's reach."""

    items: list[JobRow]
    as_of_ms: int


async def list_jobs(services: Services, viewer: Viewer) -> JobList:
    """Return the newest jobs of the organisations whose jobs the viewer sees."""
    return JobList(await services.registry.jobs.list(viewer), services.clock.now_ms())


async def show_job(services: Services, viewer: Viewer, job: int) -> JobRow:
    """Return one job.

    Raises:
        Refused: ``job.unknown``.
    """
    return await services.registry.jobs.one(viewer, job)


async def cancel_job(services: Services, viewer: Viewer, job: int) -> JobRow:
    """Ask that a job ends; what its kind keeps of the work that was done stays.

    Raises:
        Refused: ``job.unknown`` if there is none that the viewer may end.
    """
    return await services.registry.jobs.cancel(viewer, job)
