"""Compose the letter from the registers: the same sources give the same letter."""

from tram.domain.province import Province
from tram.report.letter.citations import Citations
from tram.report.letter.content import Block, Closing, Heading, Letter, Paragraph
from tram.report.letter.directing import directing, requests, schedule
from tram.report.letter.results import results
from tram.report.sources import Sources
from tram.rollout.directives.views import Document

__all__ = ("compose",)


def compose(sources: Sources) -> Letter:
    """Return the letter about the period of the sources; texts not given are the province's."""
    province, office = sources.province, sources.province.letter
    texts = office.texts | sources.texts
    citations = Citations()
    body: list[Block] = [
        _opening(sources.request, province, citations),
        *directing(sources, texts, citations),
        *results(sources, texts, citations),
        *schedule(sources, texts),
        *requests(sources),
        Paragraph(texts["closing.contact"], "closing.contact"),
        Paragraph(texts["closing.sentence"], "closing.sentence"),
    ]
    return Letter(
        as_of=sources.as_of,
        since=sources.since,
        title=f"V/v {office.subject}",
        heading=_heading(province, sources.as_of.year),
        body=[block for block in body if not isinstance(block, Paragraph) or block.text],
        closing=Closing(
            recipients_title="Nơi nhận:",
            recipients=office.recipients,
            signer=office.signer,
        ),
    )


def _heading(province: Province, year: int) -> Heading:
    """Return the head; number, day and month stay empty until the letter is registered."""
    office = province.letter
    return Heading(
        agency_above=office.agency_above,
        agency=office.agency,
        country="Cộng hòa xã hội chủ nghĩa Việt Nam",
        motto="Độc lập - Tự do - Hạnh phúc",
        number=office.number,
        place_and_date=f"{province.name}, ngày … tháng … năm {year}",
        subject=f"V/v {office.subject}",
        addressee=f"Kính gửi: {office.addressee}",
    )


def _opening(request: Document | None, province: Province, citations: Citations) -> Paragraph:
    reporter = f"{province.office} báo cáo kết quả triển khai như sau:"
    if request is None:
        return Paragraph(reporter)
    return Paragraph(f"Thực hiện {citations.cite(request)}; {reporter}")
