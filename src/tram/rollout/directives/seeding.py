"""What the register begins with: the documents, tasks and requests of the province."""

from datetime import date
from typing import Any

import msgspec

from tram.domain.province import Province
from tram.registry.kernel.viewer import Viewer
from tram.rollout.directives.documents import Documents
from tram.rollout.directives.recommendations import Recommendations
from tram.rollout.directives.tasks import Tasks
from tram.rollout.directives.views import NewDocument, NewRecommendation, NewTask

__all__ = ("seed_documents", "seed_recommendations", "seed_tasks")

# No seed is known only later than this day.
_ANY_DAY = date.max


async def seed_documents(documents: Documents, viewer: Viewer, province: Province) -> None:
    """Register the province's documents that are missing, with their links."""
    numbers = {document.key: document.id for document in await documents.list(viewer)}
    made = set()
    shipped = province.read("documents.json", list[dict[str, Any]])
    for raw in shipped:
        if raw["key"] not in numbers:
            new = msgspec.convert({k: v for k, v in raw.items() if k != "links"}, NewDocument)
            numbers[new.key] = (await documents.create(viewer, new)).id
            made.add(new.key)
    for raw in shipped:
        for relation, key in raw.get("links", []) if raw["key"] in made else []:
            await documents.link(viewer, numbers[raw["key"]], relation, numbers[key])


async def seed_tasks(
    tasks: Tasks, documents: Documents, viewer: Viewer, province: Province
) -> None:
    """Register the province's tasks that are missing, in the state of their letter."""
    numbers = {document.key: document.id for document in await documents.list(viewer)}
    there = {task.key for task in await tasks.list(viewer, day=_ANY_DAY)}
    for raw in province.read("tasks.json", list[dict[str, Any]]):
        if raw["key"] not in there:
            new = msgspec.convert({**raw, "document": numbers[raw["document"]]}, NewTask)
            await tasks.create(viewer, new)


async def seed_recommendations(
    recommendations: Recommendations, viewer: Viewer, province: Province
) -> None:
    """Register the province's recommendations that are missing."""
    there = {item.code for item in await recommendations.list(viewer, day=_ANY_DAY)}
    for new in province.read("recommendations.json", list[NewRecommendation]):
        if new.code not in there:
            await recommendations.create(viewer, new)
