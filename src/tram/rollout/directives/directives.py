"""The directives register: one object with a repository for each of its nouns."""

from tram.domain.province import Province
from tram.registry.kernel.database import Database
from tram.registry.kernel.viewer import Viewer
from tram.rollout.directives.documents import Documents
from tram.rollout.directives.providers import Providers
from tram.rollout.directives.recommendations import Recommendations
from tram.rollout.directives.seeding import (
    seed_documents,
    seed_recommendations,
    seed_tasks,
)
from tram.rollout.directives.tasks import Tasks
from tram.runtime.clock import Clock

__all__ = ("Directives",)


class Directives:
    """Documents, tasks, recommendations and providers, in the registry's database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.documents = Documents(database, clock)
        self.tasks = Tasks(database, clock)
        self.recommendations = Recommendations(database, clock)
        self.providers = Providers(database, clock)

    async def seed(self, viewer: Viewer, province: Province) -> None:
        """Add what the province begins with and is missing; call it after the first organisations."""
        await seed_documents(self.documents, viewer, province)
        await seed_tasks(self.tasks, self.documents, viewer, province)
        await seed_recommendations(self.recommendations, viewer, province)
