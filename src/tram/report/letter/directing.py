"""Sections 1, 3 and 4: what was directed, where the tasks stand, what is asked for."""

import re
from itertools import groupby

from tram.report.formats import day_short
from tram.report.letter.citations import Citations
from tram.report.letter.content import Block, Item, Paragraph, Section
from tram.report.sources import Sources
from tram.rollout.directives.views import Document, Recommendation, Task

__all__ = ("directing", "requests", "schedule")


def directing(sources: Sources, texts: dict[str, str], citations: Citations) -> list[Block]:
    """Return section 1: the directives in the register's order, each with its tasks."""
    directives = sorted(
        (document for document in sources.documents if document.role == "directive"),
        key=lambda document: (document.place, document.key),
    )
    items = [_directive(sources, document, citations) for document in directives]
    return [
        Section("1. Công tác chỉ đạo triển khai trên địa bàn tỉnh"),
        Paragraph(texts["directing.intro"], "directing.intro"),
        *_list(items),
    ]


def schedule(sources: Sources, texts: dict[str, str]) -> list[Block]:
    """Return section 3: the tasks of the document that the letter answers, each with its state on the day."""
    tasks = [
        task for task in sources.tasks if task.document_key == sources.province.letter.answers
    ]
    items = [
        f"{_partnered(task)} {_done_how(task, [_plain(t.text) for t in same])}"
        for same in _alike(tasks)
        for task in same[:1]
    ]
    return [
        Section("3. Tiến độ thực hiện, dự kiến hoàn thành xây dựng Kế hoạch"),
        Paragraph(texts["schedule.intro"], "schedule.intro"),
        *_list(items),
    ]


def requests(sources: Sources) -> list[Block]:
    """Return section 4: the recommendations that nobody has answered yet, by addressee."""
    blocks: list[Block] = [Section("4. Kiến nghị và đề xuất")]
    waiting = [r for r in sources.recommendations if r.state == "sent"]

    if not waiting:
        blocks.append(Paragraph(f"{sources.province.office} hiện không có kiến nghị, đề xuất."))

    def addressee(recommendation: Recommendation) -> str:
        return recommendation.to_whom.partition(" – ")[0]

    for to_whom, asked in groupby(sorted(waiting, key=addressee), addressee):
        blocks.append(Paragraph(f"{sources.province.office} kính đề nghị {to_whom}:"))
        blocks += _list([_bare(recommendation.text) for recommendation in asked])
    return blocks


def _directive(sources: Sources, document: Document, citations: Citations) -> str:
    """Return the citation, and what the document orders."""
    text = citations.cite(document)
    ordered = [
        f"giao {_who(task)} {_plain(task.text)}"
        for task in sources.tasks
        if task.document_key == document.key
    ]
    return f"{text}; trong đó, {'; '.join(ordered)}" if ordered else text


def _who(task: Task) -> str:
    partners = f", phối hợp với {task.partners}" if task.partners else ""
    return f"{task.responsible} chủ trì{partners}"


def _partnered(task: Task) -> str:
    partners = f" phối hợp với {task.partners.replace(';', ',')}" if task.partners else ""
    return f"{task.responsible}{partners}"


def _alike(tasks: list[Task]) -> list[list[Task]]:
    """Put neighbours together that one sentence can tell: same people, same state, same time."""

    def key(task: Task) -> tuple[object, ...]:
        when = (task.deadline, task.deadline_text, task.state_on)
        return (task.responsible, task.partners, task.state, *when)

    return [list(same) for _, same in groupby(tasks, key)]


def _done_how(task: Task, texts: list[str]) -> str:
    """Return what is done in the words of its state on the day; overdue is said in days."""
    what = ", ".join(texts)
    late = f"{task.days_over} ngày"
    if task.state == "done":
        after = f", chậm {late}" if task.days_over else ""
        return f"đã {what} (ngày {day_short(task.state_on)}{after})"
    if task.state == "cancelled":
        return f"không {what} (từ ngày {day_short(task.state_on)})"
    if task.days_over and task.deadline is not None:
        word = "đang" if task.state == "in-progress" else "chưa"
        return f"{word} {what}; quá hạn {late} (thời hạn {day_short(task.deadline)})"
    lead = {"in-progress": "đang ", "assigned": "được giao "}.get(task.state, "")
    return f"{lead}{what}{_until(task)}"


def _until(task: Task) -> str:
    """Return the time that is left, in the document's own words where it has some."""
    if task.deadline_text:
        return f", {task.deadline_text}"
    return f", thời hạn {day_short(task.deadline)}" if task.deadline is not None else ""


def _plain(text: str) -> str:
    """Return a task's text as it goes on inside a sentence."""
    bare = re.sub(r'"([^"]*)"', r"“\1”", _bare(text))
    return bare[:1].lower() + bare[1:]


def _list(items: list[str]) -> list[Block]:
    """Return dashes that end with a semicolon, the last with a full stop."""
    return [
        Item(f"{_bare(text)}{'.' if number == len(items) else ';'}")
        for number, text in enumerate(items, start=1)
    ]


def _bare(text: str) -> str:
    return text.strip().rstrip(".;")
