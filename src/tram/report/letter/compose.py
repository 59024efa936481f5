"""Compose the letter from the registers: the same sources give the same letter."""

from tram.report.letter.blocks import shipped_texts
from tram.report.letter.citations import Citations
from tram.report.letter.content import Block, Closing, Heading, Letter, Paragraph
from tram.report.letter.directing import directing, requests, schedule
from tram.report.letter.results import results
from tram.report.sources import Sources
from tram.rollout.directives.views import Document

__all__ = ("REQUEST", "compose")

REQUEST = "R3"
"""The document that the letter answers."""
_ADDRESSEE = "Cục Viễn thông"
_AGENCY = "Sở Khoa học và Công nghệ"
_PROVINCE = "Quảng Ngãi"
_SUBJECT = (
    "kết quả thực hiện nhiệm vụ triển khai hạ tầng 5G, IoT trong các khu công nghiệp, "
    "cụm công nghiệp trên địa bàn tỉnh Quảng Ngãi"
)


def compose(sources: Sources) -> Letter:
    """Return the letter about the period of the sources; texts not given are the shipped ones."""
    texts = shipped_texts() | sources.texts
    citations = Citations()
    body: list[Block] = [
        _opening(sources.document(REQUEST), citations),
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
        title=f"V/v {_SUBJECT}",
        heading=_heading(sources.as_of.year),
        body=[block for block in body if not isinstance(block, Paragraph) or block.text],
        closing=Closing(
            recipients_title="Nơi nhận:",
            recipients=["Như trên;", "SKH&CN: GĐ, các PGĐ;", "Lưu: VT, BCVT&CĐS."],
            signer=["KT. Giám đốc", "Phó Giám đốc"],
        ),
    )


def _heading(year: int) -> Heading:
    """Return the head; number, day and month stay empty until the letter is registered."""
    return Heading(
        agency_above=f"UBND tỉnh {_PROVINCE}",
        agency=_AGENCY,
        country="Cộng hòa xã hội chủ nghĩa Việt Nam",
        motto="Độc lập - Tự do - Hạnh phúc",
        number="Số:        /SKHCN-BCVT&CĐS",
        place_and_date=f"{_PROVINCE}, ngày … tháng … năm {year}",
        subject=f"V/v {_SUBJECT}",
        addressee=f"Kính gửi: {_ADDRESSEE} – Bộ Khoa học và Công nghệ",
    )


def _opening(request: Document | None, citations: Citations) -> Paragraph:
    reporter = f"{_AGENCY} tỉnh {_PROVINCE} báo cáo kết quả triển khai như sau:"
    if request is None:
        return Paragraph(reporter)
    return Paragraph(f"Thực hiện {citations.cite(request)}; {reporter}")
